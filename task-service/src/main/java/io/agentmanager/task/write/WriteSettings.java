package io.agentmanager.task.write;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The write path.
 *
 * @param lanes how many batches may run at once
 * @param batchSize requests in one transaction at most
 * @param queueSize requests that may wait in a lane; beyond that callers get 503
 */
@ConfigurationProperties("agentmanager.write")
public record WriteSettings(
    @DefaultValue("4") int lanes,
    @DefaultValue("200") int batchSize,
    @DefaultValue("2000") int queueSize) {}
