package io.agentmanager.gateway.trail;

import io.agentmanager.journal.Bell;
import io.agentmanager.journal.Topics;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the trail's way to Kafka needs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(Topics.class)
class TrailConfiguration {
  @Bean
  Bell trailBell() {
    return new Bell();
  }
}
