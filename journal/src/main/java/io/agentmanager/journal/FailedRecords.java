package io.agentmanager.journal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.listener.BatchListenerFailedException;

/** What went wrong with the records of one poll. Any thread may add to it. */
final class FailedRecords {
  private final Map<ConsumerRecord<String, byte[]>, RuntimeException> causes =
      new ConcurrentHashMap<>();

  void add(ConsumerRecord<String, byte[]> record, RuntimeException cause) {
    causes.put(record, cause);
  }

  /**
   * Names the first of them, which is tried again with everything after it.
   *
   * @throws BatchListenerFailedException unless none failed
   */
  void refuseFirst(List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      RuntimeException cause = causes.get(record);
      if (cause != null) {
        throw new BatchListenerFailedException(String.valueOf(cause.getMessage()), cause, record);
      }
    }
  }
}
