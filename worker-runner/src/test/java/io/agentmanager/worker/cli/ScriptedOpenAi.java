package io.agentmanager.worker.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * Speaks the OpenAI chat completions protocol, streamed or not, and says turn by turn what a test
 * wrote. Each turn uses 100 tokens in and 10 out.
 */
final class ScriptedOpenAi implements AutoCloseable {
  /** In the script alone. */
  private static final String CUT_OFF = "cut off";

  private final HttpServer server;
  private final Queue<Map<String, Object>> script = new ConcurrentLinkedQueue<>();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch held = new CountDownLatch(0);

  ScriptedOpenAi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", this::complete);
    server.start();
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  ScriptedOpenAi answers(String text) {
    script.add(Map.of("role", "assistant", "content", text));
    return this;
  }

  /** An answer that ends because it may not be longer. */
  ScriptedOpenAi cutOff(String text) {
    script.add(Map.of("role", "assistant", "content", text, CUT_OFF, true));
    return this;
  }

  /** A turn that asks for tools, each given as its name and its arguments. */
  ScriptedOpenAi calls(String thought, String... namesAndArguments) {
    List<Map<String, Object>> calls = new ArrayList<>();
    for (int i = 0; i + 1 < namesAndArguments.length; i += 2) {
      calls.add(
          Map.of(
              "id",
              "call-" + requests.size() + "-" + i,
              "type",
              "function",
              "function",
              Map.of("name", namesAndArguments[i], "arguments", namesAndArguments[i + 1])));
    }
    script.add(Map.of("role", "assistant", "content", thought, "tool_calls", calls));
    return this;
  }

  /** At the end of the script nothing is answered any more. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  List<JsonNode> requests() {
    return requests;
  }

  @Override
  public void close() {
    release();
    server.stop(0);
  }

  private void complete(HttpExchange exchange) throws IOException {
    JsonNode request = WireJson.mapper().readTree(exchange.getRequestBody().readAllBytes());
    requests.add(request);
    if (request.has("max_tokens") && request.has("max_completion_tokens")) {
      send(exchange, 400, Map.of("error", Map.of("message", "not both at the same time")));
      return;
    }
    Map<String, Object> message = script.poll();
    if (message == null) {
      await(held);
    }
    if (message == null) {
      send(exchange, 400, Map.of("error", Map.of("message", "the script is at its end")));
    } else if (request.path("stream").asBoolean(false)) {
      stream(exchange, message);
    } else {
      send(exchange, 200, answer(message));
    }
  }

  private static Map<String, Object> answer(Map<String, Object> message) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", "chat-1");
    answer.put("object", "chat.completion");
    answer.put("created", 1);
    answer.put("model", "gpt-4o-mini");
    answer.put(
        "choices",
        List.of(Map.of("index", 0, "message", message, "finish_reason", finishReason(message))));
    answer.put("usage", usage());
    return answer;
  }

  private static String finishReason(Map<String, Object> message) {
    if (message.containsKey(CUT_OFF)) {
      return "length";
    }
    return message.containsKey("tool_calls") ? "tool_calls" : "stop";
  }

  private static Map<String, Object> usage() {
    return Map.of("prompt_tokens", 100, "completion_tokens", 10, "total_tokens", 110);
  }

  private static void send(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] json = WireJson.mapper().writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, json.length);
    try (var out = exchange.getResponseBody()) {
      out.write(json);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Word by word, slowly enough to be seen. */
  private static void stream(HttpExchange exchange, Map<String, Object> message)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (var out = exchange.getResponseBody()) {
      for (String word : message.get("content").toString().split("(?<= )", -1)) {
        out.write(event(Map.of("index", 0, "delta", Map.of("content", word)), null));
        out.flush();
        pause();
      }
      out.write(
          event(
              Map.of("index", 0, "delta", Map.of(), "finish_reason", finishReason(message)),
              usage()));
      out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static byte[] event(Map<String, Object> choice, Map<String, Object> usage) {
    Map<String, Object> chunk = new LinkedHashMap<>();
    chunk.put("id", "chat-1");
    chunk.put("object", "chat.completion.chunk");
    chunk.put("created", 1);
    chunk.put("model", "gpt-4o-mini");
    chunk.put("choices", List.of(choice));
    if (usage != null) {
      chunk.put("usage", usage);
    }
    return ("data: " + WireJson.mapper().writeValueAsString(chunk) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** As models do: this is what is streamed, not a wait for something. */
  private static void pause() {
    LockSupport.parkNanos(60_000_000);
  }
}
