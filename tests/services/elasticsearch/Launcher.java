import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node on loopback: {@code java -cp 'lib/*' Launcher.java HOME WORK}, or, as
 * the one NAME of a cluster, {@code … HOME WORK NAME NAME=PORT,NAME=PORT,…} with every node's transport port.
 *
 * <p>HOME holds the modules and is only read; WORK takes data and logs. The operating system picks
 * the ports; the HTTP port is printed as {@code port N} once the node answers. The node ends when its
 * standard input does, so it never outlives the process that started it, however that one dies.
 */
public final class Launcher {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]).toAbsolutePath();
    Path work = Path.of(arguments[1]).toAbsolutePath();
    String name = arguments.length > 2 ? arguments[2] : "test";
    Settings.Builder chosen =
        Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", work.resolve("data").toString())
            .put("path.logs", work.resolve("logs").toString())
            .put("cluster.name", "chancery-test")
            .put("node.name", name)
            .put("network.host", "127.0.0.1")
            .put("http.port", 0)
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
    if (arguments.length > 3) {
      Map<String, String> ports = new TreeMap<>();
      for (String node : arguments[3].split(",")) {
        ports.put(node.split("=")[0], node.split("=")[1]);
      }
      chosen
          .put("transport.port", ports.get(name))
          .putList("discovery.seed_hosts", ports.values().stream().map(port -> "127.0.0.1:" + port).toList())
          .putList("cluster.initial_master_nodes", List.copyOf(ports.keySet()));
    } else {
      chosen.put("transport.port", 0).put("discovery.type", "single-node");
    }
    Settings settings = chosen.build();
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home.resolve("config"), () -> name);
    LogConfigurator.configureWithoutConfig(environment.settings());
    LogConfigurator.configureESLogging();
    // false: the server stands on the class path, not in a module layer of its own.
    PluginsLoader plugins =
        PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()), Set.of(), Map.of(), false);
    Node node = new Node(environment, plugins);
    node.start();
    System.out.println(
        "port "
            + node.injector()
                .getInstance(org.elasticsearch.http.HttpServerTransport.class)
                .boundAddress()
                .publishAddress()
                .getPort());
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said to the node; the end of input is the word.
    }
    Runtime.getRuntime().halt(0);
  }
}
