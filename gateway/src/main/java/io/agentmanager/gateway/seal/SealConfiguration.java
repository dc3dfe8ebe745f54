package io.agentmanager.gateway.seal;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The keys that values are sealed with. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SealSettings.class)
class SealConfiguration {
  @Bean
  SealedValues sealedValues(SealSettings settings) {
    return new SealedValues(settings.ring());
  }
}
