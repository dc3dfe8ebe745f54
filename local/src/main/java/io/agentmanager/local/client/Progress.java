package io.agentmanager.local.client;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.json.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Follows a workflow's live events and prints what happens, line by line, until it ends. */
public final class Progress {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int WIDTH = 160;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
  private static final Set<String> LAST =
      Set.of("workflow.completed", "workflow.failed", "workflow.cancelled");
  private final ApiClient api;
  private final PrintStream out;

  /** Prints to a stream. */
  public Progress(ApiClient api, PrintStream out) {
    this.api = api;
    this.out = out;
  }

  /** Follows to the end, taking up the thread again where a connection broke. */
  public void follow(String workflow) throws IOException, InterruptedException {
    long seen = 0;
    boolean ended = false;
    while (!ended) {
      try (BufferedReader events = api.events(workflow, seen)) {
        if (events == null) {
          return;
        }
        String line = events.readLine();
        for (; line != null && !ended; line = events.readLine()) {
          if (line.startsWith("data:")) {
            HistoryEvent event =
                WireJson.mapper().readValue(line.substring("data:".length()), HistoryEvent.class);
            // What a model is writing has no number: it is shown live alone.
            seen = Math.max(seen, event.seq());
            print(workflow, event);
            ended = LAST.contains(event.type());
          }
        }
      } catch (IOException e) {
        if (seen == 0) {
          throw e;
        }
      }
      if (!ended) {
        // The connection broke, or a server that stops ended it.
        Thread.sleep(PAUSE);
      }
    }
  }

  private void print(String workflow, HistoryEvent event) {
    String what = describe(workflow, event);
    if (what != null) {
      String at = TIME.format(LocalTime.ofInstant(event.at(), ZoneId.systemDefault()));
      out.println(at + "  " + what);
    }
  }

  private static @Nullable String describe(String workflow, HistoryEvent event) {
    JsonNode data = event.data() == null ? WireJson.mapper().nullNode() : event.data();
    String step = event.stepId() + " (attempt " + event.attempt() + ")";
    return switch (event.type()) {
      case "workflow.submitted" -> "submitted";
      case "workflow.planned" -> "planned: " + data.path("steps").asString("?") + " steps";
      case "step.ready" -> event.stepId() + " is ready";
      case "step.claimed" -> step + " goes to " + data.path("client_id").asString("?");
      case "step.iteration" -> step + " " + iteration(data);
      case "step.completed" -> step + " completed";
      case "step.attempt_failed" ->
          step + " failed: " + data.path("type").asString("") + ": " + text(data, "message");
      case "step.failed" -> step + " failed for good";
      case "step.lease_lost" -> step + " lost its worker";
      case "step.released" -> step + " was given back: " + text(data, "why");
      case "step.awaiting_approval" ->
          step
              + " asks: "
              + text(data, "question")
              + " (./am approve "
              + workflow
              + " "
              + event.stepId()
              + ", or reject)";
      case "step.approved" -> event.stepId() + " is approved " + decision(data);
      case "step.rejected" -> event.stepId() + " is rejected " + decision(data);
      case "step.cancelled" -> event.stepId() + " cancelled";
      case "step.sent_back" -> event.stepId() + " is sent back";
      case "workflow.auditing" -> "audit of cycle " + data.path("cycle").asString("?");
      case "workflow.audit_passed" -> "audit passed";
      case "workflow.audit_failed" ->
          "audit did not pass:\n" + data.path("feedback").asString("").indent(16).stripTrailing();
      case "workflow.failing" -> "failing: " + text(data, "message");
      case "workflow.completed" -> "workflow COMPLETED";
      case "workflow.failed" -> "workflow FAILED";
      case "workflow.cancelled" -> "workflow CANCELLED";
      default -> null;
    };
  }

  private static String iteration(JsonNode data) {
    String tool = data.path("action").path("tool").asString("");
    String thought = cut(text(data, "thought"));
    if (tool.isEmpty()) {
      return thought;
    }
    String path = data.path("action").path("arguments").path("path").asString("");
    return tool + (path.isEmpty() ? "" : " " + path) + (thought.isEmpty() ? "" : ": " + thought);
  }

  private static String decision(JsonNode data) {
    String comment = text(data, "comment");
    return "by " + text(data, "by") + (comment.isEmpty() ? "" : ": " + cut(comment));
  }

  private static String text(JsonNode data, String field) {
    return data.path(field).asString("");
  }

  private static String cut(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH) + "\u2026";
  }
}
