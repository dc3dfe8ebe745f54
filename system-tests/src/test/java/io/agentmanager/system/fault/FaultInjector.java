package io.agentmanager.system.fault;

import io.agentmanager.system.RunningSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** Breaks things, for real. */
final class FaultInjector implements AutoCloseable {
  private static final int SLOTS = 60;
  private static final int WORKERS = 3;
  private final RunningSystem system;
  private final Oracles oracles;
  private final Duration pastALease;
  private final Random random;
  private final Path logs;
  private final CutProxy proxy;
  private final Map<Integer, Process> workers = new ConcurrentHashMap<>();
  private final String bootstrap;

  FaultInjector(
      RunningSystem system,
      Oracles oracles,
      String bootstrap,
      Path logs,
      Duration pastALease,
      Random random) {
    this.pastALease = pastALease;
    this.system = system;
    this.oracles = oracles;
    this.bootstrap = bootstrap;
    this.logs = logs;
    this.random = random;
    this.proxy = new CutProxy(system.url().getPort());
    for (int i = 0; i < WORKERS; i++) {
      startWorker(i);
    }
  }

  /** Does it, and returns when the cause is over; the system may still be recovering. */
  void inject(Fault fault) throws IOException, InterruptedException {
    switch (fault) {
      case WORKER_KILLED -> killWorker(0);
      case WORKER_PAUSED -> pause(workers.get(1).pid());
      case WORKER_CUT_OFF -> cutOff();
      case GATEWAY_KILLED -> kill("gateway");
      case PLANNER_KILLED -> kill("planner-service");
      case TASK_SERVICE_KILLED -> kill("task-service");
      case TASK_SERVICE_PAUSED -> pause(pid("task-service"));
      case AUDIT_KILLED -> kill("audit-service");
      case KAFKA_KILLED -> kill("kafka");
      case POSTGRES_KILLED -> kill("postgres");
      case RECORDS_TWICE -> again(last(records(), 400));
      case RECORDS_LATE -> again(shuffled(records(), 400));
    }
  }

  long pid(String part) throws IOException {
    return Long.parseLong(Files.readString(system.data().resolve("run/" + part + ".pid")).strip());
  }

  @Override
  public void close() throws InterruptedException {
    for (Process worker : workers.values()) {
      worker.destroy();
    }
    for (Process worker : workers.values()) {
      if (!worker.waitFor(15, TimeUnit.SECONDS)) {
        worker.destroyForcibly();
      }
    }
    proxy.close();
  }

  /** The last worker reaches the gateway by a way that can be cut. */
  private void startWorker(int number) {
    int port = number == WORKERS - 1 ? proxy.port() : system.url().getPort();
    String name = "fault-" + number;
    try {
      workers.put(
          number,
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx160m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  FaultWorker.class.getName(),
                  "http://127.0.0.1:" + port,
                  system.data().resolve("token").toString(),
                  name,
                  Integer.toString(SLOTS),
                  logs.resolve(name + ".begun").toString())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(logs.resolve(name + ".log").toFile()))
              .start());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Half of the time the worker is back at once and takes over; else its leases must run out. */
  private void killWorker(int number) throws InterruptedException {
    Process worker = workers.get(number);
    worker.destroyForcibly();
    worker.waitFor();
    if (random.nextBoolean()) {
      Thread.sleep(pastALease);
    }
    startWorker(number);
  }

  private void cutOff() throws InterruptedException {
    proxy.cut();
    Thread.sleep(pastALease);
    proxy.mend();
  }

  /** A part that another fault just killed is killed when it is there again. */
  private void kill(String part) throws InterruptedException {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              signal("KILL", pid(part));
              return true;
            });
  }

  private void pause(long pid) throws IOException, InterruptedException {
    signal("STOP", pid);
    try {
      Thread.sleep(pastALease);
    } finally {
      new ProcessBuilder("kill", "-CONT", Long.toString(pid)).start().waitFor();
    }
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + " " + pid + " answered " + status);
    }
  }

  private List<ConsumerRecord<String, byte[]>> records() {
    return oracles.records();
  }

  private void again(List<ConsumerRecord<String, byte[]>> records) {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "acks", "all"),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (ConsumerRecord<String, byte[]> record : records) {
        producer.send(
            new ProducerRecord<>(
                record.topic(), null, record.key(), record.value(), record.headers()));
      }
      producer.flush();
    }
  }

  private static List<ConsumerRecord<String, byte[]>> last(
      List<ConsumerRecord<String, byte[]>> records, int count) {
    return records.stream()
        .sorted(java.util.Comparator.comparingLong(ConsumerRecord::timestamp))
        .skip(Math.max(0, records.size() - count))
        .toList();
  }

  private List<ConsumerRecord<String, byte[]>> shuffled(
      List<ConsumerRecord<String, byte[]>> records, int count) {
    List<ConsumerRecord<String, byte[]>> some = new ArrayList<>(records);
    Collections.shuffle(some, random);
    return some.subList(0, Math.min(count, some.size()));
  }
}
