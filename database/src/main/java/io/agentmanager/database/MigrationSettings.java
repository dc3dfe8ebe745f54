package io.agentmanager.database;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who migrates the schema.
 *
 * @param atStart whether the service does, when it starts; otherwise a job does ({@link
 *     Migration}), and the service, which needs no owner's password then, waits for it
 * @param patience how long it waits
 */
@ConfigurationProperties("agentmanager.database.migration")
public record MigrationSettings(
    @DefaultValue("true") boolean atStart, @DefaultValue("PT5M") Duration patience) {}
