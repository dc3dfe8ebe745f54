package io.agentmanager.worker.mcp;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** A server of the protocol's own SDK, as a process: over stdio, or by streamable HTTP. */
public final class McpTestServer {
  private McpTestServer() {}

  /**
   * Arguments: {@code stdio}, or a folder, a file that the port is written to, and the port (0 for
   * any).
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("stdio")) {
      var unused =
          McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper()))
              .serverInfo("test", "1")
              .capabilities(ServerCapabilities.builder().tools(true).build())
              .tools(tools())
              .build();
    } else {
      serve(Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]));
    }
    new CountDownLatch(1).await();
  }

  private static void serve(Path folder, Path portFile, int port) throws Exception {
    HttpServletStreamableServerTransportProvider transport =
        HttpServletStreamableServerTransportProvider.builder()
            .jsonMapper(McpJsonDefaults.getMapper())
            .mcpEndpoint("/mcp")
            .build();
    var unused =
        McpServer.sync(transport)
            .serverInfo("test", "1")
            .capabilities(ServerCapabilities.builder().tools(true).build())
            .tools(tools())
            .build();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", folder.toString());
    var wrapper = Tomcat.addServlet(context, "mcp", transport);
    wrapper.setAsyncSupported(true);
    context.addServletMappingDecoded("/mcp", "mcp");
    tomcat.start();
    Path draft =
        Files.writeString(
            portFile.resolveSibling("draft"), "" + tomcat.getConnector().getLocalPort());
    Files.move(draft, portFile, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<SyncToolSpecification> tools() {
    ToolAnnotations readOnly = new ToolAnnotations(null, true, null, null, null, null);
    return List.of(
        tool("echo", readOnly, text -> "echo " + text),
        tool("pid", readOnly, text -> Long.toString(ProcessHandle.current().pid())),
        tool("env", readOnly, text -> String.valueOf(System.getenv(text))),
        tool("send", null, text -> "sent " + text),
        tool("fail", readOnly, text -> null),
        tool("hang", readOnly, McpTestServer::hang),
        tool("wait", readOnly, McpTestServer::await),
        tool("die", null, McpTestServer::die));
  }

  private static String hang(String text) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return text;
  }

  private static String await(String millis) {
    LockSupport.parkNanos(Duration.ofMillis(Long.parseLong(millis)).toNanos());
    return "waited " + millis;
  }

  private static String die(String text) {
    Runtime.getRuntime().halt(9);
    return text;
  }

  private static SyncToolSpecification tool(
      String name, ToolAnnotations annotations, Function<String, String> work) {
    Map<String, Object> schema =
        Map.of("type", "object", "properties", Map.of("text", Map.of("type", "string")));
    Tool tool =
        Tool.builder()
            .name(name)
            .description("Does " + name)
            .inputSchema(schema)
            .annotations(annotations)
            .build();
    return SyncToolSpecification.builder()
        .tool(tool)
        .callHandler(
            (exchange, request) -> {
              String answer = work.apply(String.valueOf(request.arguments().get("text")));
              return CallToolResult.builder()
                  .addTextContent(answer == null ? "no such thing" : answer)
                  .isError(answer == null)
                  .build();
            })
        .build();
  }
}
