package io.agentmanager.planner.submission;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.planner.TaskServiceClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Brings plans to the task-service as soon as they are stored, those that gather in one call. It is
 * a short cut and no more: what does not arrive is fetched when its events come by.
 */
@Component
final class PlanDelivery extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(PlanDelivery.class);
  private static final int AT_ONCE = 20;
  private static final int QUEUE = 200;

  private final TaskServiceClient tasks;
  private final BlockingQueue<PlanDocument> queue = new ArrayBlockingQueue<>(QUEUE);

  PlanDelivery(TaskServiceClient tasks) {
    super("plan-delivery");
    this.tasks = tasks;
  }

  /** Takes along what has a plan and is not too large for company, while there is room. */
  void offer(List<SubmissionStore.Row> rows) {
    for (SubmissionStore.Row row : rows) {
      PlanDocument document = row.stored().document();
      if (document.tasks() != null && !row.isLarge() && !queue.offer(document)) {
        return;
      }
    }
  }

  /**
   * As the intake, which depends on it: Spring stops the dependents of a bean before it, whatever
   * their own phase, and the intake is to stop after the web server.
   */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      List<PlanDocument> gathered = new ArrayList<>();
      gathered.add(queue.take());
      queue.drainTo(gathered, AT_ONCE - 1);
      gathered.stream()
          .collect(Collectors.groupingBy(PlanDocument::tenantId))
          .forEach((tenant, own) -> bring(new TenantId(tenant), own));
    }
  }

  private void bring(TenantId tenant, List<PlanDocument> documents) {
    try {
      tasks.bring(tenant, documents);
    } catch (RuntimeException e) {
      log.debug("{} plans will be fetched instead: {}", documents.size(), e.toString());
    }
  }
}
