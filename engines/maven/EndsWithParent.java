import java.io.IOException;

/** Ends this process when the one that started it is gone, however that ended: its end of standard input closes. */
final class EndsWithParent {
    private EndsWithParent() {}

    static void watch() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // a broken pipe says the same
            }
            System.exit(0);
        }, "ends-with-parent");
        watcher.setDaemon(true);
        watcher.start();
    }
}
