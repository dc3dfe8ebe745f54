package io.agentmanager.task.write;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The write path.
 *
 * @param lanes how many batches may run at once; absent means half as many as processors: fewer
 *     lanes make larger batches, and a batch costs much the same whatever is in it
 * @param batchSize requests in one transaction at most
 * @param queueSize requests that may wait in a lane; beyond that callers get 503
 */
@ConfigurationProperties("agentmanager.write")
public record WriteSettings(
    @Nullable Integer lanes,
    @DefaultValue("200") int batchSize,
    @DefaultValue("2000") int queueSize) {
  int lanesOrDefault() {
    return lanes == null ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : lanes;
  }
}
