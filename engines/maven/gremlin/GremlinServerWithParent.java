import java.util.concurrent.CompletionException;
import org.apache.tinkerpop.gremlin.server.GremlinServer;
import org.apache.tinkerpop.gremlin.server.Settings;

/** Gremlin Server, configured by the file that the argument names, which ends when its parent does. */
public final class GremlinServerWithParent {
    private GremlinServerWithParent() {}

    public static void main(String[] args) throws Exception {
        EndsWithParent.watch();
        try {
            new GremlinServer(Settings.read(args[0])).start().join();
        } catch (CompletionException e) {
            e.printStackTrace();
            System.exit(1);
        }
        System.out.println("READY");
    }
}
