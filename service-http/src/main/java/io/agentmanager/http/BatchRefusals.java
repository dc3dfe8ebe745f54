package io.agentmanager.http;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.HttpHeaders;

/**
 * Which statuses a batch's items were refused with, and how often: told by a service to the gateway
 * in a header of the answer, since the status of the whole is 200. Callers do not see it.
 */
public final class BatchRefusals {
  private static final String HEADER = "AgentManager-Batch-Refused";
  private static final int FIRST_REFUSAL = 400;
  private static final Pattern COUNT = Pattern.compile("(\\d{3})=(\\d{1,6})");

  private BatchRefusals() {}

  /** Tells the refusals among these statuses. */
  public static void tell(HttpHeaders headers, Collection<Integer> statuses) {
    Map<Integer, Long> counts =
        statuses.stream()
            .filter(status -> status >= FIRST_REFUSAL)
            .collect(Collectors.groupingBy(s -> s, TreeMap::new, Collectors.counting()));
    if (!counts.isEmpty()) {
      headers.set(
          HEADER,
          counts.entrySet().stream()
              .map(count -> count.getKey() + "=" + count.getValue())
              .collect(Collectors.joining(",")));
    }
  }

  /** Takes them out of an answer: how often each status. */
  public static Map<Integer, Integer> take(HttpHeaders headers) {
    Map<Integer, Integer> counts = new TreeMap<>();
    String told = headers.getFirst(HEADER);
    if (told != null) {
      headers.remove(HEADER);
      Matcher count = COUNT.matcher(told);
      while (count.find()) {
        counts.put(Integer.parseInt(count.group(1)), Integer.parseInt(count.group(2)));
      }
    }
    return counts;
  }
}
