package io.agentmanager.audit.trail;

import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Keys of the trail. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TrailSettings.class)
class TrailConfiguration {
  @Bean
  HashChain hashChain(TrailSettings settings) {
    return new HashChain(settings.ring());
  }

  @Bean
  Checkpoints checkpoints(TrailSettings settings, InstantSource clock) {
    return Checkpoints.parse(settings.signingKey(), clock);
  }
}
