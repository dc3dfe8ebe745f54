package io.agentmanager.gateway.limit;

import io.agentmanager.journal.RetentionLoop;
import io.agentmanager.journal.RetentionSettings;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Clears away buckets that nobody needs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RetentionSettings.class)
class LimitConfiguration {
  @Bean
  RetentionLoop bucketRetention(Buckets buckets, RetentionSettings settings) {
    return new RetentionLoop(buckets::removeFull, settings);
  }
}
