package io.agentmanager.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Takes spans as a collector does: OTLP over HTTP. */
final class TraceCollector {
  private static TraceCollector only;
  private final HttpServer server;
  private final Queue<Seen> spans = new ConcurrentLinkedQueue<>();

  private TraceCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  /** The one that the shared stack knows. */
  static synchronized TraceCollector get() {
    if (only == null) {
      try {
        only = new TraceCollector();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return only;
  }

  /** A span as it came. */
  record Seen(
      String service,
      String name,
      String kind,
      String trace,
      String id,
      String parent,
      List<String> links,
      boolean failed,
      Map<String, String> attributes) {}

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What came of a trace so far. */
  List<Seen> of(String trace) {
    return spans.stream().filter(span -> span.trace().equals(trace)).toList();
  }

  private void take(HttpExchange exchange) throws IOException {
    InputStream in = exchange.getRequestBody();
    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    byte[] body = ("gzip".equals(encoding) ? new GZIPInputStream(in) : in).readAllBytes();
    for (ResourceSpans of : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
      String service = attributes(of.getResource().getAttributesList()).get("service.name");
      of.getScopeSpansList()
          .forEach(scope -> scope.getSpansList().forEach(span -> spans.add(seen(service, span))));
    }
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private static Seen seen(String service, Span span) {
    HexFormat hex = HexFormat.of();
    return new Seen(
        service,
        span.getName(),
        span.getKind().name(),
        hex.formatHex(span.getTraceId().toByteArray()),
        hex.formatHex(span.getSpanId().toByteArray()),
        hex.formatHex(span.getParentSpanId().toByteArray()),
        span.getLinksList().stream().map(l -> hex.formatHex(l.getSpanId().toByteArray())).toList(),
        span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
        attributes(span.getAttributesList()));
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                a ->
                    a.getValue().hasStringValue()
                        ? a.getValue().getStringValue()
                        : String.valueOf(a.getValue().getIntValue())));
  }
}
