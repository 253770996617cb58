"""Keep vectors between runs: embedding LoCoMo takes minutes, everything after it seconds."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ricordo.ports.embedder import Embedder


def cached_vectors(texts: Iterable[str], embedder: Embedder, folder: Path) -> dict[str, NDArray[np.float32]]:
    """Embed `texts`, or read their vectors from the file of an earlier run in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"vectors-{embedder.model_id}.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if path.exists():
        with np.load(path) as stored:
            known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    keys = {text: hashlib.sha256(text.encode()).hexdigest() for text in dict.fromkeys(texts)}
    missing = [text for text, key in keys.items() if key not in known]
    if missing:
        print(f"embedding {len(missing)} texts ...")
        known.update(zip((keys[text] for text in missing), embedder.embed(missing), strict=True))
        np.savez(path, keys=np.array(list(known)), vectors=np.array(list(known.values())))
    return {text: known[key] for text, key in keys.items()}
