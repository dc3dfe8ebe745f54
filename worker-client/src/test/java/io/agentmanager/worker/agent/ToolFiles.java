package io.agentmanager.worker.agent;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.json.WireJson;
import java.util.Map;
import java.util.stream.Collectors;

/** What calls of tools would lock, for tests of tools in other packages. */
public final class ToolFiles {
  private ToolFiles() {}

  /** The files of a call with these arguments, by the tool's name. */
  public static Map<String, Map<String, AccessType>> of(Object tools, String arguments) {
    return AnnotatedTools.of(tools)
        .collect(
            Collectors.toMap(
                tool -> tool.specification().name(),
                tool -> tool.files(WireJson.mapper().readTree(arguments))));
  }
}
