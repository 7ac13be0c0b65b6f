# The area program, as `./area build` assembled it. Build that first: ./area build && docker build -t areaflow .
FROM eclipse-temurin:25-jre
RUN useradd --uid 10001 --create-home --home-dir /var/lib/areaflow areaflow
COPY launcher/target/area/lib /opt/areaflow/lib
USER areaflow
WORKDIR /var/lib/areaflow
ENV AREA_STATE_DIR=/var/lib/areaflow/state
EXPOSE 8080 8090 8070
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp", "/opt/areaflow/lib/*", "dev.areaflow.launcher.Main"]
CMD ["--help"]
