package io.agentmanager.task.meter;

import io.agentmanager.diagnostics.Dependency;
import io.agentmanager.task.worker.LeaseSettings;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Workers are what everything depends on in the end. */
@Configuration(proxyBeanMethods = false)
class WorkerDependency {
  @Bean
  Dependency workersDependency(WorkloadStore store, LeaseSettings leases, InstantSource clock) {
    return new Dependency(
        "workers",
        "Start workers that offer these capabilities, or cancel the workflows that name them.",
        () -> {
          List<WorkloadStore.Ready> unserved =
              store.ready(clock.instant(), leases.lease()).stream()
                  .filter(ready -> ready.unserved() > 0)
                  .sorted(Comparator.comparingLong(WorkloadStore.Ready::unserved).reversed())
                  .toList();
          if (!unserved.isEmpty()) {
            throw new Dependency.Doubt(
                "steps wait for capabilities that no living worker offers: "
                    + unserved.stream().limit(10).map(WorkloadStore.Ready::capability).toList());
          }
          return store.living(clock.instant().minus(leases.lease()))
              + " live, and no step waits in vain";
        });
  }
}
