# One file for every image:  docker build --build-arg SERVICE=gateway --tag agentmanager/gateway:0.1.0 .
# SERVICE is gateway, planner-service, task-service or audit-service; the worker is
#   docker build --build-arg SERVICE=worker-runner --target worker --tag agentmanager/worker:0.1.0 .
# The build reaches these two images and Maven's repository; with mirrors of them (arguments, and a settings.xml as the
# secret maven-settings), nothing else:
#   docker build --build-arg BUILD_IMAGE=mirror/maven:... --secret id=maven-settings,src=settings.xml ...
# BuildKit is needed (DOCKER_BUILDKIT=1 where it is not the default).
ARG BUILD_IMAGE=maven:3.9.11-eclipse-temurin-25
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

# The same for every service, so that it runs once for all of them.
FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2/repository \
    --mount=type=secret,id=maven-settings,target=/root/.m2/settings.xml \
    mvn -B -q -Pimage -Daot.skip=true -Dmaven.test.skip=true package \
      -pl gateway,planner-service,task-service,audit-service,worker-runner,local -am \
 && for service in gateway planner-service task-service audit-service worker-runner; do \
      mkdir -p /out/$service \
      && mv $service/target/image/libraries $service/target/image/modules /out/$service/ \
      && mv $service/target/$service-*.jar /out/$service/app.jar \
      && cp local/jvm.options /out/$service/ || exit 1; \
    done

FROM ${RUNTIME_IMAGE} AS runtime
ARG SERVICE
COPY --from=build /out/${SERVICE}/libraries/ /app/lib/
COPY --from=build /out/${SERVICE}/modules/ /app/lib/
COPY --from=build /out/${SERVICE}/app.jar /out/${SERVICE}/jvm.options /app/

# The service serves a real load here, beside a real broker and database, and leaves a cache of what a start needs.
FROM runtime AS trained
ARG SERVICE
COPY --from=build /src/local/target/local.jar /train/
COPY --from=build /src/local/target/lib/ /train/lib/
COPY examples/decisions /train/example
# PostgreSQL does not run as root, and wants a user that has a name.
USER nobody
RUN java @/app/jvm.options -cp "/train/local.jar:/train/lib/*" io.agentmanager.local.Am train \
      /train/example/task.json --apart "${SERVICE}" --image /app --cache /tmp/app.aot

FROM runtime AS worker
COPY --from=trained /tmp/app.aot /app/
LABEL org.opencontainers.image.title="AgentManager worker" org.opencontainers.image.licenses="Apache-2.0"
USER 10001:10001
WORKDIR /workspace
ENTRYPOINT ["java", "@/app/jvm.options", "-XX:AOTCache=/app/app.aot", "-XX:MaxRAMPercentage=70", "-jar", "/app/app.jar"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx16m", "-cp", "/app/lib/*", \
       "io.agentmanager.worker.cli.AliveProbe", "/tmp/alive"]
CMD ["--config", "/config/mcp_client_config.json", "--alive-file", "/tmp/alive"]

FROM runtime
ARG SERVICE
COPY --from=trained /tmp/app.aot /app/
LABEL org.opencontainers.image.title="AgentManager ${SERVICE}" org.opencontainers.image.licenses="Apache-2.0"
ENV SERVER_ADDRESS=0.0.0.0 \
    SERVER_PORT=8080 \
    MANAGEMENT_SERVER_PORT=9090
USER 10001:10001
WORKDIR /app
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "/app/lib/*", "io.agentmanager.http.HealthProbe", \
       "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["java", "@/app/jvm.options", "-XX:AOTCache=/app/app.aot", "-XX:MaxRAMPercentage=70", "-jar", "/app/app.jar"]
