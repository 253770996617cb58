"""What every process of the server imports; the fork server does it once, so that they share the memory."""

import numpy as np
import onnxruntime
import tokenizers

import functions.api.handler
import functions.authorize.handler
import ricordo.adapters.builtin.embedder
import ricordo.adapters.builtin.extractor
import ricordo.runtime.embedded_profile
import ricordo.runtime.tasks

PRELOADED = (functions, np, onnxruntime, tokenizers, ricordo)
