package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * The OpenAPI document names exactly what the services' controllers serve, and is served itself.
 */
class ServedDocumentTest {
  @Test
  void theDocumentNamesExactlyWhatIsServed() throws Exception {
    assertThat(documented()).isEqualTo(served());
  }

  @Test
  void theDocumentIsServedToEverybody() throws Exception {
    Api stranger = new Api(RunningSystem.split().url(), "");
    JsonNode served = stranger.get("/v1/openapi.json").body();
    assertThat(served.path("openapi").asString()).isEqualTo("3.1.0");
    assertThat(served).isEqualTo(kept());
    assertThat(stranger.get("/v3/api-docs").body()).isEqualTo(served);
  }

  /** They are the gateway's; the services behind it write none. */
  @Test
  void answersOfServicesCarryEachSecurityHeaderOnce() {
    Api api = RunningSystem.split().api();
    for (String path : List.of("/v1/workflows", "/v1/workflows/unknown", "/v1/openapi.json")) {
      var headers = api.get(path).headers();
      assertThat(headers.allValues("X-Content-Type-Options")).containsExactly("nosniff");
      assertThat(headers.allValues("X-Frame-Options")).containsExactly("DENY");
    }
  }

  private static JsonNode kept() throws Exception {
    try (InputStream file =
        WireJson.class.getResourceAsStream("/io/agentmanager/contracts/openapi.json")) {
      return WireJson.mapper().readTree(file);
    }
  }

  private static Set<String> documented() throws Exception {
    Set<String> calls = new TreeSet<>();
    kept()
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method ->
                            calls.add(
                                method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
    return calls;
  }

  private static Set<String> served() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    Set<String> calls = new TreeSet<>();
    for (var bean : scanner.findCandidateComponents("io.agentmanager")) {
      Class<?> controller = Class.forName(bean.getBeanClassName());
      for (Method method : controller.getDeclaredMethods()) {
        RequestMapping mapping =
            AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
        // What answers HEAD refuses it.
        if (mapping != null && mapping.method()[0] != RequestMethod.HEAD) {
          paths(controller, mapping)
              .filter(path -> !path.startsWith("/internal/") && !path.contains("api-docs"))
              .filter(path -> !path.equals("/v1/openapi.json"))
              .forEach(path -> calls.add(mapping.method()[0] + " " + path));
        }
      }
    }
    return calls;
  }

  private static Stream<String> paths(Class<?> controller, RequestMapping mapping) {
    RequestMapping onClass =
        AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
    String prefix = onClass == null || onClass.path().length == 0 ? "" : onClass.path()[0];
    return mapping.path().length == 0
        ? Stream.of(prefix)
        : Arrays.stream(mapping.path()).map(path -> prefix + path);
  }
}
