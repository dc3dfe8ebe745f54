package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.testing.TestStep;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AnnotatedToolsTest {
  /** As a framework would wrap it. */
  interface Reads {
    @Tool(name = "inherited", value = "Of an interface")
    String inherited();
  }

  static class Hidden implements Reads {
    @Override
    public String inherited() {
      return "from the interface";
    }

    @UsesFile("from")
    @UsesFile(value = "to", access = AccessType.WRITE)
    @Tool(name = "copy", value = "Copies a file")
    String copy(
        @P(name = "from", value = "a") String from, @P(name = "to", value = "b") String to) {
      return from + " to " + to;
    }
  }

  static final class Proxy extends Hidden {
    @Override
    String copy(String from, String to) {
      return "proxied: " + super.copy(from, to);
    }
  }

  /** A tool by its interface; how it may be used is said where it is made. */
  interface Pays<T> {
    @Tool(name = "pay", value = "Pays")
    String pay(@P(name = "amount", value = "in euros") T amount);
  }

  static final class Bank implements Pays<String> {
    @Override
    @NeedsApproval("May this be paid?")
    @NotRepeatable
    public String pay(String amount) {
      return "paid " + amount;
    }
  }

  /** The other way round. */
  interface Careful {
    @NeedsApproval("May this be sent?")
    @NotRepeatable
    String send(String to);
  }

  static final class Mailer implements Careful {
    @Override
    @Tool(name = "send", value = "Sends")
    public String send(@P(name = "to", value = "whom") String to) {
      return "sent to " + to;
    }
  }

  @Test
  void toolsOfInterfacesAndBehindProxiesAreCalledAsTheyAre() throws Exception {
    Map<String, AgentTool> tools = tools(new Proxy());
    assertThat(call(tools, "copy", "{\"from\": \"a.md\", \"to\": \"b.md\"}"))
        .isEqualTo("proxied: a.md to b.md");
    assertThat(call(tools, "inherited", "{}")).isEqualTo("from the interface");
    assertThat(ToolFiles.of(new Proxy(), "{\"from\": \"a.md\", \"to\": \"b.md\"}").get("copy"))
        .isEqualTo(Map.of("a.md", AccessType.READ, "b.md", AccessType.WRITE));
  }

  @Test
  void whatIsSaidOfAToolCountsWhereverItStands() throws Exception {
    AgentTool pay = tools(new Bank()).get("pay");
    assertThat(pay.approval()).contains("May this be paid?");
    assertThat(pay.isRepeatable()).isFalse();
    AgentTool send = tools(new Mailer()).get("send");
    assertThat(send.approval()).contains("May this be sent?");
    assertThat(send.isRepeatable()).isFalse();
    assertThat(call(tools(new Mailer()), "send", "{\"to\": \"ann\"}")).isEqualTo("sent to ann");
  }

  private static Map<String, AgentTool> tools(Object source) {
    return AnnotatedTools.of(source)
        .collect(Collectors.toMap(tool -> tool.specification().name(), Function.identity()));
  }

  private static String call(Map<String, AgentTool> tools, String name, String arguments)
      throws Exception {
    StepContext step = new StepContext(TestStep.of("s", "x").task(), iteration -> {});
    return tools.get(name).call(arguments, step);
  }
}
