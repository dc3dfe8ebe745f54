package io.agentmanager.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.worker.Doorbell;
import io.agentmanager.worker.WorkerConfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The doorbell at a real broker. */
@Execution(ExecutionMode.CONCURRENT)
class KafkaDoorbellTest {
  private static final String TOPIC = "agentmanager.ready";
  @TempDir private static Path folder;
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder, FreePorts.next(), FreePorts.next());
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void aRingIsClaimedOnceWhateverComesOfItAndOtherCapabilitiesAreSkipped() throws Exception {
    Room room = new Room(Doorbell.Answer.TAKEN, Doorbell.Answer.NOT_TO_BE_HAD);
    ring("once", "writer", "other");
    ring("once", "first", "once");
    ring("once", "second", "once");
    ring("once", "third", "once");
    try (Listening listening = new Listening("once", room)) {
      assertThat(listening.isAlive()).isTrue();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(room.claims).hasSize(3));
      Awaitility.await().during(Duration.ofSeconds(3)).until(() -> room.claims.size() == 3);
    }
    assertThat(room.claims).containsExactlyInAnyOrder("first", "second", "third");
  }

  @Test
  void whileTheServerDoesNotAnswerTheRingIsKeptAndWhenTheWorkerGoesAnotherGetsIt()
      throws Exception {
    Room first = new Room();
    first.always = Doorbell.Answer.TRY_AGAIN;
    ring("again", "step", "again");
    Room second = new Room(Doorbell.Answer.TAKEN);
    try (Listening listening = new Listening("again", first)) {
      assertThat(listening.isAlive()).isTrue();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(first.claims).hasSizeGreaterThan(2));
    }
    assertThat(first.claims).containsOnly("step");
    try (Listening listening = new Listening("again", second)) {
      assertThat(listening.isAlive()).isTrue();
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .untilAsserted(() -> assertThat(second.claims).containsExactly("step"));
    }
  }

  @Test
  void aConfigurationWithoutABrokerSaysWhatIsMissing() {
    WorkerConfig config =
        new WorkerConfig(
            "w",
            URI.create("http://localhost"),
            "t",
            null,
            null,
            List.of("a"),
            null,
            null,
            null,
            "kafka",
            null,
            null);
    assertThatThrownBy(() -> new KafkaDoorbellFactory().create(config))
        .hasMessageContaining("kafka.bootstrap_servers");
  }

  /** Four slots whose claims are answered as told. */
  private static final class Room implements Doorbell.Slots {
    private final Semaphore free = new Semaphore(4);
    private final List<String> claims = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Doorbell.Answer> answers = new ArrayDeque<>();
    private Doorbell.Answer always = Doorbell.Answer.NOT_TO_BE_HAD;

    Room(Doorbell.Answer... answers) {
      this.answers.addAll(List.of(answers));
    }

    @Override
    public void awaitFree() throws InterruptedException {
      free.acquire();
      free.release();
    }

    @Override
    public Doorbell.Answer claim(String workflowId, String stepId) {
      claims.add(stepId);
      Doorbell.Answer answer = answers.isEmpty() ? always : answers.removeFirst();
      if (answer == Doorbell.Answer.TAKEN) {
        free.acquireUninterruptibly();
      }
      return answer;
    }
  }

  private static final class Listening implements AutoCloseable {
    private final Thread thread;

    Listening(String capability, Room room) throws Exception {
      fromTheBeginning(capability);
      KafkaDoorbell bell =
          new KafkaDoorbell(Map.of("bootstrap.servers", kafka.bootstrapServers()), "agentmanager.");
      thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      bell.listen(Set.of(capability), room);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
    }

    boolean isAlive() {
      return thread.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
      thread.interrupt();
      thread.join(Duration.ofSeconds(10));
    }
  }

  /** A new group begins at the end of the topic unless told otherwise. */
  private static void fromTheBeginning(String capability) throws Exception {
    try (Admin admin = admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(
                      ConfigResource.Type.GROUP, "agentmanager-workers-" + capability),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("share.auto.offset.reset", "earliest"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static void ring(String workflow, String step, String capability) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      String json =
          """
          {"tenant_id": "default", "workflow_id": "%s", "step_id": "%s", "attempt": 1,
           "capability": "%s", "priority": 0}
          """
              .formatted(workflow, step, capability);
      ProducerRecord<String, byte[]> record =
          new ProducerRecord<>(TOPIC, workflow, json.getBytes(StandardCharsets.UTF_8));
      record
          .headers()
          .add("ce_type", "io.agentmanager.step.ready.v1".getBytes(StandardCharsets.UTF_8));
      producer.send(record).get();
    }
  }
}
