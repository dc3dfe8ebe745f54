package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.api.WorkflowView;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** The query of {@code GET /v1/workflows}, and the cursor from page to page. */
final class WorkflowFilters {
  private static final int DEFAULT_LIMIT = 50;
  private static final int MOST = 200;
  private static final String METADATA = "metadata.";

  private WorkflowFilters() {}

  static WorkflowQueries.Filter parse(MultiValueMap<String, String> query) {
    List<Problem.Fault> faults = new ArrayList<>();
    WorkflowStatus status = status(query.getFirst("status"), faults);
    Instant after = instant("/created_after", query.getFirst("created_after"), faults);
    int limit = limit(query.getFirst("limit"), faults);
    String[] cursor = cursor(query.getFirst("cursor"), faults);
    Map<String, String> metadata = new HashMap<>();
    query.forEach(
        (name, values) -> {
          if (name.indexOf('\0') >= 0 || values.getFirst().indexOf('\0') >= 0) {
            faults.add(new Problem.Fault("/" + name, "must not contain U+0000"));
          } else if (name.startsWith(METADATA)) {
            metadata.put(name.substring(METADATA.length()), values.getFirst());
          }
        });
    if (!faults.isEmpty()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The query is invalid.", faults));
    }
    return new WorkflowQueries.Filter(
        status,
        after,
        metadata,
        cursor == null ? null : Instant.parse(cursor[0]),
        cursor == null ? null : cursor[1],
        limit);
  }

  static @Nullable String nextCursor(List<WorkflowView> found, int limit) {
    if (found.size() <= limit) {
      return null;
    }
    WorkflowView last = found.get(limit - 1);
    String text = last.createdAt() + "|" + last.workflowId();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable WorkflowStatus status(
      @Nullable String text, List<Problem.Fault> faults) {
    if (text == null) {
      return null;
    }
    try {
      return WorkflowStatus.valueOf(text);
    } catch (IllegalArgumentException e) {
      faults.add(
          new Problem.Fault(
              "/status", "must be one of " + Arrays.toString(WorkflowStatus.values())));
      return null;
    }
  }

  private static @Nullable Instant instant(
      String pointer, @Nullable String text, List<Problem.Fault> faults) {
    if (text == null) {
      return null;
    }
    try {
      return WireJson.instant(text);
    } catch (DateTimeException e) {
      faults.add(new Problem.Fault(pointer, "must be an RFC 3339 time"));
      return null;
    }
  }

  private static int limit(@Nullable String text, List<Problem.Fault> faults) {
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    faults.add(new Problem.Fault("/limit", "must be 1 to 200"));
    return DEFAULT_LIMIT;
  }

  private static String @Nullable [] cursor(@Nullable String text, List<Problem.Fault> faults) {
    if (text == null) {
      return null;
    }
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      String[] parts = plain.split("\\|", 2);
      Instant unused = WireJson.instant(parts[0]);
      if (parts.length == 2 && parts[1].matches("[A-Za-z0-9-]{1,64}")) {
        return parts;
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      // Said below.
    }
    faults.add(new Problem.Fault("/cursor", "must be a cursor from next_cursor"));
    return null;
  }
}
