package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * For models that know no tool calls: a strict form in text, after S. Yao and others, "ReAct:
 * Synergizing Reasoning and Acting in Language Models" (2022). A turn is {@code Thought:} and then
 * either one or more pairs of {@code Action:} and {@code Arguments:}, or {@code Answer:} and the
 * result to the end. Whatever has another form is sent back with the reason.
 */
final class TextSpeech implements Speech {
  private static final Pattern LABEL =
      Pattern.compile("^(Thought|Action|Arguments|Answer|Observation):[ \\t]*", Pattern.MULTILINE);
  private static final String FORM =
      "Begin with \"Thought:\". Then write either \"Action:\" with the name of a tool and"
          + " \"Arguments:\" with a JSON object, or \"Answer:\" with the result.";

  @Override
  public String rules(List<ToolSpecification> tools) {
    String list = tools.stream().map(ToolSpecification::toJson).collect(Collectors.joining("\n"));
    return StepPrompt.resource("text-protocol.txt")
        .replace("{{tools}}", list.isEmpty() ? "none" : list);
  }

  @Override
  public ChatRequest.Builder request(
      List<ChatMessage> conversation, List<ToolSpecification> tools) {
    return ChatRequest.builder().messages(conversation.stream().map(TextSpeech::inText).toList());
  }

  private static ChatMessage inText(ChatMessage message) {
    return switch (message) {
      case ToolExecutionResultMessage result -> UserMessage.from("Observation: " + result.text());
      case AiMessage said when said.hasToolExecutionRequests() ->
          AiMessage.from(
              said.toolExecutionRequests().stream()
                  .map(call -> "Action: " + call.name() + "\nArguments: " + call.arguments())
                  .collect(
                      Collectors.joining(
                          "\n",
                          "Thought: " + Objects.requireNonNullElse(said.text(), "") + "\n",
                          "")));
      default -> message;
    };
  }

  @Override
  public Said read(AiMessage message) {
    String text = Objects.requireNonNullElse(message.text(), "").strip();
    List<Part> parts = parts(text);
    if (parts.isEmpty() || !parts.getFirst().label().equals("Thought")) {
      return new Said.Malformed(text, FORM);
    }
    List<Part> rest = parts.subList(1, parts.size());
    if (rest.isEmpty()) {
      return new Said.Malformed(text, "There is a thought, and nothing follows. " + FORM);
    }
    if (rest.getFirst().label().equals("Answer")) {
      String answer = text.substring(rest.getFirst().from()).strip();
      return answer.isEmpty()
          ? new Said.Malformed(text, "The answer is empty. " + FORM)
          : new Said.Answer(answer);
    }
    return calls(text, parts.getFirst().text(), rest);
  }

  private static Said calls(String text, String thought, List<Part> parts) {
    List<ToolExecutionRequest> calls = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 2) {
      if (i + 1 == parts.size()
          || !parts.get(i).label().equals("Action")
          || !parts.get(i + 1).label().equals("Arguments")) {
        return new Said.Malformed(
            text, "After \"Action:\" comes \"Arguments:\", and nothing else. " + FORM);
      }
      if (parts.get(i).text().isEmpty()) {
        return new Said.Malformed(text, "After \"Action:\" comes the name of a tool. " + FORM);
      }
      String arguments = parts.get(i + 1).text();
      if (Toolbox.object(arguments) == null) {
        return new Said.Malformed(text, "The arguments are not a JSON object: " + arguments);
      }
      calls.add(
          ToolExecutionRequest.builder()
              .id(UUID.randomUUID().toString())
              .name(parts.get(i).text())
              .arguments(arguments)
              .build());
    }
    return new Said.Calls(thought, calls);
  }

  /**
   * A labelled part of a turn.
   *
   * @param from where its text begins
   */
  private record Part(String label, String text, int from) {}

  private static List<Part> parts(String text) {
    List<Part> parts = new ArrayList<>();
    Matcher label = LABEL.matcher(text);
    int from = -1;
    String name = "";
    while (label.find()) {
      if (from >= 0) {
        parts.add(new Part(name, text.substring(from, label.start()).strip(), from));
      } else if (label.start() > 0) {
        return List.of();
      }
      name = label.group(1);
      from = label.end();
    }
    if (from >= 0) {
      parts.add(new Part(name, text.substring(from).strip(), from));
    }
    return parts;
  }
}
