package io.agentmanager.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * Plays the models: speaks the OpenAI chat completions protocol, and answers by what it is asked.
 * On the way it gives a malformed plan, a 429, a 500, and an audit that does not pass.
 */
final class OpenAiServer implements AutoCloseable {
  private final HttpServer server;
  private final AtomicInteger plans = new AtomicInteger();
  private final AtomicInteger audits = new AtomicInteger();
  private final AtomicInteger turns = new AtomicInteger();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  OpenAiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", this::complete);
    server.start();
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** What happened, in order: plan, repaired plan, refused, throttled, broken, tool, answer ... */
  List<String> seen() {
    return seen;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void complete(HttpExchange exchange) throws IOException {
    JsonNode request = WireJson.mapper().readTree(exchange.getRequestBody().readAllBytes());
    String system = content(request.path("messages").path(0));
    String all = request.path("messages").toString();
    if (system.startsWith("You plan work")) {
      plan(exchange, all);
    } else if (system.startsWith("You audit")) {
      audit(exchange);
    } else if (system.startsWith("You write the final answer")) {
      seen.add("synthesis");
      say(exchange, "Synthesised: the outcome is sound [notes.md].", null);
    } else {
      work(exchange, request);
    }
  }

  private void plan(HttpExchange exchange, String all) throws IOException {
    if (all.contains("FORBIDDEN")) {
      seen.add("refusal");
      answer(
          exchange,
          200,
          Map.of(
              "role", "assistant",
              "refusal", "I cannot help with that."),
          "stop");
      return;
    }
    if (plans.incrementAndGet() == 1) {
      seen.add("malformed plan");
      say(
          exchange,
          """
          {"tasks": [{"step_id": "a", "task_description": "x", "assigned_agent": "astronaut", "dependencies": ["b"]}]}
          """,
          null);
      return;
    }
    seen.add(all.contains("That plan is not valid") ? "repaired plan" : "plan");
    say(
        exchange,
        """
        {"tasks": [
          {"step_id": "read", "task_description": "Read notes.md", "assigned_agent": "researcher", "dependencies": []},
          {"step_id": "think", "task_description": "Think about it", "assigned_agent": "analyst", "dependencies": []}]}
        """,
        null);
  }

  private void audit(HttpExchange exchange) throws IOException {
    if (audits.incrementAndGet() == 1) {
      seen.add("audit fails");
      say(
          exchange,
          """
          {"is_successful": false, "feedback": "thin", "confidence_score": 0.8,
           "rework_suggestions": [{"step_id": "think", "note": "Say MORE about it."}]}
          """,
          null);
      return;
    }
    seen.add("audit passes");
    say(
        exchange,
        """
        {"is_successful": true, "feedback": "good", "confidence_score": 0.9, "rework_suggestions": []}
        """,
        null);
  }

  /** An agent's turn: throttled first, broken next, then a tool call, then the answer. */
  private void work(HttpExchange exchange, JsonNode request) throws IOException {
    int turn = turns.incrementAndGet();
    if (turn == 1) {
      seen.add("throttled");
      send(exchange, 429, Map.of("error", Map.of("message", "slow down", "type", "rate_limit")));
      return;
    }
    if (turn == 2) {
      seen.add("broken");
      send(exchange, 500, Map.of("error", Map.of("message", "oops", "type", "server_error")));
      return;
    }
    String all = request.path("messages").toString();
    if (all.contains("Read notes.md") && !all.contains("tool_call_id")) {
      seen.add("tool call");
      say(exchange, "I look at the notes.", "{\"path\": \"notes.md\"}");
      return;
    }
    if (all.contains("Read notes.md")) {
      seen.add(all.contains("the moon is far") ? "answer from the file" : "answer from nothing");
      say(exchange, "It says \"the moon is far\" [notes.md].", null);
      return;
    }
    seen.add(all.contains("Say MORE") ? "better answer" : "thin answer");
    say(exchange, all.contains("Say MORE") ? "A long thought." : "Hm.", null);
  }

  private static String content(JsonNode message) {
    JsonNode content = message.path("content");
    return content.isString()
        ? content.stringValue()
        : Optional.ofNullable(content.path(0).path("text").stringValue("")).orElse("");
  }

  private static void say(HttpExchange exchange, String text, String arguments) throws IOException {
    if (arguments == null) {
      answer(exchange, 200, Map.of("role", "assistant", "content", text), "stop");
      return;
    }
    Map<String, Object> call =
        Map.of(
            "id", "call-1",
            "type", "function",
            "function", Map.of("name", "read_file", "arguments", arguments));
    answer(
        exchange,
        200,
        Map.of("role", "assistant", "content", text, "tool_calls", List.of(call)),
        "tool_calls");
  }

  private static void answer(
      HttpExchange exchange, int status, Map<String, Object> message, String reason)
      throws IOException {
    send(
        exchange,
        status,
        Map.of(
            "id",
            "chat-1",
            "object",
            "chat.completion",
            "created",
            1,
            "model",
            "gpt-4o-mini",
            "choices",
            List.of(Map.of("index", 0, "message", message, "finish_reason", reason)),
            "usage",
            Map.of("prompt_tokens", 100, "completion_tokens", 10, "total_tokens", 110)));
  }

  private static void send(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] json = WireJson.mapper().writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, json.length);
    try (var out = exchange.getResponseBody()) {
      out.write(json);
    }
  }
}
