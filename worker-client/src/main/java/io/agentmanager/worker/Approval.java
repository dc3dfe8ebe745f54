package io.agentmanager.worker;

import io.agentmanager.contracts.json.WireJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an attempt asks a person before it goes on.
 *
 * @param question a sentence that can be answered with yes or no
 * @param tool that an agent wants to call
 * @param arguments of that call
 * @param thought why the model wants it
 * @param index of the iteration that the call will be
 */
public record Approval(
    String question,
    @Nullable String tool,
    @Nullable JsonNode arguments,
    @Nullable String thought,
    @Nullable Integer index) {

  /** A question of plain code. */
  public static Approval of(String question) {
    return new Approval(question, null, null, null, null);
  }

  /** Reads what {@link #json} wrote; what another worker wrote may lack the question. */
  public static Approval of(JsonNode json) {
    return WireJson.mapper().treeToValue(json, Approval.class);
  }

  ObjectNode json() {
    return WireJson.mapper().valueToTree(this);
  }
}
