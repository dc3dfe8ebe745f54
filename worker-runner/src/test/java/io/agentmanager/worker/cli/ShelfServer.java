package io.agentmanager.worker.cli;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A server of the protocol's own SDK, over stdio, that says where a book is and can burn it. */
public final class ShelfServer {
  private ShelfServer() {}

  /** Serves until it is killed. */
  public static void main(String[] args) throws InterruptedException {
    var unused =
        McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper()))
            .serverInfo("shelf", "1")
            .capabilities(ServerCapabilities.builder().tools(true).build())
            .tools(tool("find", "is on shelf 7"), tool("burn", "is ashes"))
            .build();
    new CountDownLatch(1).await();
  }

  private static SyncToolSpecification tool(String name, String what) {
    return SyncToolSpecification.builder()
        .tool(
            Tool.builder()
                .name(name)
                .description("To " + name + " a book")
                .inputSchema(Map.of("type", "object"))
                .build())
        .callHandler(
            (exchange, request) ->
                CallToolResult.builder()
                    .addTextContent(request.arguments().get("title") + " " + what)
                    .build())
        .build();
  }
}
