package io.agentmanager.contracts.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.SerializationFeature;

/**
 * The kept OpenAPI and AsyncAPI documents say what the records say. After a change of the wire:
 * {@code mvn -pl contracts test -Dtest=KeptDocumentsTest -Ddocuments=write}, and look at the diff.
 */
class KeptDocumentsTest {
  private static final Path FOLDER = Path.of("src/main/resources/io/agentmanager/contracts");

  @Test
  void theOpenApiDocumentFitsTheRecords() throws IOException {
    check("openapi.json", OpenApi.document());
  }

  @Test
  void theAsyncApiDocumentFitsTheEvents() throws IOException {
    check("asyncapi.json", AsyncApi.document());
  }

  private static void check(String name, Map<String, Object> document) throws IOException {
    String json =
        WireJson.mapper()
                .rebuild()
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .build()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(document)
            + "\n";
    Path kept = FOLDER.resolve(name);
    if ("write".equals(System.getProperty("documents"))) {
      Files.writeString(kept, json);
    }
    assertThat(Files.readString(kept)).isEqualTo(json);
  }
}
