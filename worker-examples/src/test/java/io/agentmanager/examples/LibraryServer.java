package io.agentmanager.examples;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A server of the protocol's own SDK that knows one book. */
public final class LibraryServer {
  private LibraryServer() {}

  /** Serves over stdio until it is killed. */
  public static void main(String[] args) throws InterruptedException {
    Tool find =
        Tool.builder()
            .name("find")
            .description("Finds a book by its title")
            .inputSchema(
                Map.of("type", "object", "properties", Map.of("title", Map.of("type", "string"))))
            .build();
    var unused =
        McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper()))
            .serverInfo("library", "1")
            .capabilities(ServerCapabilities.builder().tools(true).build())
            .toolCall(
                find,
                (exchange, request) ->
                    CallToolResult.builder()
                        .addTextContent(request.arguments().get("title") + " is on shelf 7")
                        .build())
            .build();
    new CountDownLatch(1).await();
  }
}
