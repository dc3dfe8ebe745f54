package io.agentmanager.journal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.listener.BatchListenerFailedException;

/** What went wrong with the records of one poll. Any thread may add to it. */
public final class FailedRecords {
  private final Map<ConsumerRecord<String, byte[]>, RuntimeException> causes =
      new ConcurrentHashMap<>();

  /** Notes that a record failed, and why. */
  public void add(ConsumerRecord<String, byte[]> record, RuntimeException cause) {
    causes.put(record, cause);
  }

  /**
   * Names the first of them, which is tried again with everything after it.
   *
   * @throws BatchListenerFailedException unless none failed
   */
  public void refuseFirst(List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      RuntimeException cause = causes.get(record);
      if (cause != null) {
        throw Outages.isOutage(cause)
            ? new FailedByOutage(cause, record)
            : new FailedByItself(cause, record);
      }
    }
  }

  /**
   * The two are classes of their own because the error handler chooses the pauses anew when the
   * class of the failure changes, and only then.
   */
  private static final class FailedByOutage extends BatchListenerFailedException {
    private static final long serialVersionUID = 1;

    FailedByOutage(RuntimeException cause, ConsumerRecord<?, ?> record) {
      super(String.valueOf(cause.getMessage()), cause, record);
    }
  }

  private static final class FailedByItself extends BatchListenerFailedException {
    private static final long serialVersionUID = 1;

    FailedByItself(RuntimeException cause, ConsumerRecord<?, ?> record) {
      super(String.valueOf(cause.getMessage()), cause, record);
    }
  }
}
