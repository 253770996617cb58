import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.th.ThaiTokenizer;
import org.opensearch.Version;
import org.opensearch.analysis.common.CommonAnalysisModulePlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.analysis.AnalyzerProvider;
import org.opensearch.index.analysis.PreBuiltAnalyzerProviderFactory;
import org.opensearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node whose plugins come from the class path: no plugin folders, bootstrap checks or Java agent.
 *
 * Arguments: its home folder, then settings as key=value.
 */
public final class OpenSearchNode extends Node {
    private static final List<PluginInfo> PLUGINS = List.of(
        plugin("transport-netty4", "org.opensearch.transport.Netty4ModulePlugin"),
        plugin("analysis-common", "OpenSearchNode$Analysis"),
        plugin("lang-painless", "org.opensearch.painless.PainlessModulePlugin"),
        plugin("reindex", "org.opensearch.index.reindex.ReindexModulePlugin"),
        plugin("mapper-extras", "org.opensearch.index.mapper.MapperExtrasModulePlugin"),
        plugin("opensearch-knn", "org.opensearch.knn.plugin.KNNPlugin", "lang-painless"),
        plugin("opensearch-neural-search", "org.opensearch.neuralsearch.plugin.NeuralSearch", "opensearch-knn"));

    private OpenSearchNode(Environment environment) {
        super(environment, PLUGINS, true);
    }

    /** The usual analysis, without Thai where the runtime knows none: each index builds all analyzers, used or not. */
    public static final class Analysis extends CommonAnalysisModulePlugin {
        @Override
        public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
            var analyzers = new TreeMap<>(super.getAnalyzers());
            analyzers.keySet().removeIf(Analysis::impossible);
            return analyzers;
        }

        @Override
        public List<PreBuiltAnalyzerProviderFactory> getPreBuiltAnalyzerProviderFactories() {
            return super.getPreBuiltAnalyzerProviderFactories().stream()
                .filter(analyzer -> !impossible(analyzer.getName()))
                .toList();
        }

        private static boolean impossible(String analyzer) {
            return analyzer.equals("thai") && !ThaiTokenizer.DBBI_AVAILABLE;
        }
    }

    private static PluginInfo plugin(String name, String className, String... extended) {
        return new PluginInfo(
            name, name, Version.CURRENT.toString(), Version.CURRENT, "21", className, "", List.of(extended), false);
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    public static void main(String[] args) throws Exception {
        EndsWithParent.watch();
        Path home = Path.of(args[0]);
        Settings.Builder settings = Settings.builder().put("path.home", home);
        for (String argument : Arrays.asList(args).subList(1, args.length)) {
            String[] setting = argument.split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), home.resolve("config"), () -> "node-1");
        OpenSearchNode node = new OpenSearchNode(environment);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        System.out.println("READY");
        Thread.currentThread().join(); // every thread of a node is a daemon
    }
}
