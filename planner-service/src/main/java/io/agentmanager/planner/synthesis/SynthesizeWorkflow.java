package io.agentmanager.planner.synthesis;

import dev.langchain4j.exception.NonRetriableException;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.jobs.Job;
import io.agentmanager.jobs.JobFailures;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.planner.PlannerService.ModelChoice;
import io.agentmanager.planner.TaskServiceClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The job that writes the final answer, with the model if there is one, else by extraction. */
@Component
class SynthesizeWorkflow implements Job {
  private static final Logger log = LoggerFactory.getLogger(SynthesizeWorkflow.class);
  static final String NAME = "synthesize-workflow";
  private final Syntheses syntheses;
  private final TaskServiceClient tasks;
  private final @Nullable LlmSynthesis llm;

  SynthesizeWorkflow(Syntheses syntheses, TaskServiceClient tasks, ModelChoice choice) {
    this.syntheses = syntheses;
    this.tasks = tasks;
    this.llm = choice.model().map(LlmSynthesis::new).orElse(null);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void run(JobKey key) {
    if (syntheses.find(key.workflow(), key.cycle()).isPresent()) {
      return;
    }
    Optional<WorkflowMaterial> material = tasks.material(key.workflow());
    if (material.isEmpty()) {
      log.info("{} was removed meanwhile and gets no answer", key.workflow());
      return;
    }
    if (material.get().status().isFinished()) {
      return;
    }
    syntheses.keep(key.workflow(), synthesize(key, material.get()));
  }

  @Override
  public void giveUp(JobKey key, Throwable cause) {
    String why = "The answer could not be written: " + JobFailures.told(cause);
    syntheses.keep(key.workflow(), Answers.none(key, why, Usage.NONE));
  }

  private SynthesisDocument synthesize(JobKey key, WorkflowMaterial material) {
    if (llm == null || Answers.sinks(material).size() == 1) {
      return Answers.extract(key, material);
    }
    try {
      return llm.synthesize(key, material);
    } catch (NonRetriableException e) {
      log.warn("the answer of {} is refused by the model", key.workflow(), e);
      return Answers.none(key, JobFailures.told(e), Usage.NONE);
    }
  }

  /** Makes answers without a model. */
  static final class Answers {
    private static final int INLINE = 20_000;
    private static final int SENTENCES = 12;

    private Answers() {}

    static SynthesisDocument none(JobKey key, String why, Usage usage) {
      return new SynthesisDocument(
          key.workflow().workflow().value(),
          key.cycle(),
          null,
          java.util.List.of(),
          new StepError("synthesis_failed", why, null),
          usage);
    }

    /** One last step's result as it is; several under a heading each, long ones extracted. */
    static SynthesisDocument extract(JobKey key, WorkflowMaterial material) {
      var sinks = sinks(material);
      String text =
          sinks.size() == 1
              ? text(sinks.getFirst())
              : sinks.stream()
                  .map(sink -> "## " + sink.spec().stepId() + "\n\n" + brief(sink, material))
                  .collect(java.util.stream.Collectors.joining("\n\n"));
      return new SynthesisDocument(
          key.workflow().workflow().value(),
          key.cycle(),
          text,
          sinks.stream().map(sink -> sink.spec().stepId()).toList(),
          null,
          Usage.NONE);
    }

    static java.util.List<WorkflowMaterial.StepMaterial> sinks(WorkflowMaterial material) {
      return material.steps().stream()
          .filter(WorkflowMaterial.StepMaterial::sink)
          .filter(step -> step.finalResult() != null)
          .toList();
    }

    static String text(WorkflowMaterial.StepMaterial step) {
      return step.finalResult() == null ? "" : step.finalResult();
    }

    private static String brief(WorkflowMaterial.StepMaterial sink, WorkflowMaterial material) {
      String text = text(sink);
      return text.length() <= INLINE
          ? text
          : String.join(
              "\n",
              io.agentmanager.models.extract.SentenceExtractor.extract(
                  text, material.description(), SENTENCES));
    }
  }
}
