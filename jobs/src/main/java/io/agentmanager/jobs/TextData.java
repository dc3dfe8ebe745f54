package io.agentmanager.jobs;

import com.github.kagkarlsson.scheduler.serializer.Serializer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What is noted with a job is a text, and stands in its row as that. */
final class TextData implements Serializer {
  @Override
  public byte @Nullable [] serialize(@Nullable Object data) {
    return data == null ? null : data.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public <T> @Nullable T deserialize(Class<T> type, byte @Nullable [] data) {
    return data == null ? null : type.cast(new String(data, StandardCharsets.UTF_8));
  }
}
