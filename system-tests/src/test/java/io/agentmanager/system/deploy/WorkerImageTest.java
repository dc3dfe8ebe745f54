package io.agentmanager.system.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The paths and classes that the worker's image, its manifest and compose name in common. */
class WorkerImageTest {
  private static final Path ROOT = Path.of("..");

  private static String after(String option) throws IOException {
    String dockerfile = Files.readString(ROOT.resolve("Dockerfile"));
    Matcher value = Pattern.compile("\"" + option + "\", \"([^\"]*)\"").matcher(dockerfile);
    assertThat(value.find()).as(option).isTrue();
    return value.group(1);
  }

  private static JsonNode yaml(String file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return JsonMapper.shared()
        .valueToTree((Object) yaml.load(Files.readString(ROOT.resolve(file))));
  }

  private static JsonNode container() throws IOException {
    return yaml("deploy/k8s/base/worker.yaml").at("/spec/template/spec/containers/0");
  }

  @Test
  void theConfigurationIsMountedWhereTheImageReadsIt() throws IOException {
    Path config = Path.of(after("--config"));
    assertThat(container().path("volumeMounts"))
        .anySatisfy(
            mount -> {
              assertThat(mount.path("name").asString()).isEqualTo("config");
              assertThat(mount.path("mountPath").asString())
                  .isEqualTo(config.getParent().toString());
            });
    assertThat(ROOT.resolve("deploy/k8s/base").resolve(config.getFileName())).exists();
    assertThat(yaml("docker-compose.yml").at("/services/worker/volumes"))
        .anySatisfy(volume -> assertThat(volume.asString()).contains(":" + config + ":ro"));
  }

  @Test
  void probesLookAtTheFileThatTheWorkerTouches() throws Exception {
    JsonNode command = container().at("/livenessProbe/exec/command");
    List<String> words = command.valueStream().map(JsonNode::asString).toList();
    assertThat(words).endsWith("io.agentmanager.worker.cli.AliveProbe", after("--alive-file"));
    assertThat(after("io.agentmanager.worker.cli.AliveProbe")).isEqualTo(after("--alive-file"));
    assertThat(Class.forName(words.get(words.size() - 2)).getMethod("main", String[].class))
        .isNotNull();
  }
}
