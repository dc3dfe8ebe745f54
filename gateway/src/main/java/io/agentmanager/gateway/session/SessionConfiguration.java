package io.agentmanager.gateway.session;

import io.agentmanager.journal.RetentionLoop;
import io.agentmanager.journal.RetentionSettings;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Clears away sessions that are over for long. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SessionSettings.class)
class SessionConfiguration {
  @Bean
  RetentionLoop sessionRetention(Sessions sessions, RetentionSettings settings) {
    return new RetentionLoop(sessions::removeOld, settings);
  }
}
