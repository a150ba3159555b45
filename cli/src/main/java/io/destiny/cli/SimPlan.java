package io.destiny.cli;

import io.destiny.core.model.Instances;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.cpu.CostTable;
import io.destiny.sim.network.Geography;
import io.destiny.sim.workload.ClosedLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated run is made of.
 *
 * @param profile as it was asked for
 * @param costs null: nothing is charged, or fixed times
 * @param clients a region
 * @param crashed the last so many replicas never start
 * @param pillars in how many the order is split
 * @param oracles whether anything is checked
 * @param real whether signatures are made and verified in earnest
 */
record SimPlan(
    ProtocolEntry protocol,
    int replicas,
    Geography geography,
    String wan,
    String profile,
    @Nullable CostTable costs,
    ClosedLoop.Load load,
    int clients,
    int seconds,
    long seed,
    int crashed,
    int pillars,
    boolean oracles,
    boolean real) {
  static final String IDEAL = "ideal";

  /** Fixed times for jobs and no limit of cores or bandwidth: measures the simulator itself. */
  static final String FIXED = "fixed";

  /** P2021 without jitter and pauses, all machines alike: what V1 of experiments.md compares. */
  static final String STEADY = "P2021-steady";

  boolean steady() {
    return profile.equals(STEADY);
  }

  boolean ideal() {
    return profile.equals(IDEAL);
  }

  /** Commands under one client signature. */
  int group() {
    return load.mode() == ClosedLoop.Mode.CLIENT_BATCH ? load.batch() : 1;
  }

  SimPlan withClients(int count) {
    if (count < 1) {
      throw Failure.usage("a ladder has loads of 1 and more, not " + count);
    }
    return new SimPlan(
        protocol, replicas, geography, wan, profile, costs, load, count, seconds, seed, crashed,
        pillars, oracles, real);
  }

  SimPlan with(int crash, boolean check, boolean earnest) {
    int f = protocol.rule(replicas).f();
    if (crash < 0 || crash > f) {
      throw Failure.usage(
          "%d replicas of %s go on without %d, not without %d"
              .formatted(replicas, protocol.name(), f, crash));
    }
    return new SimPlan(
        protocol, replicas, geography, wan, profile, costs, load, clients, seconds, seed, crash,
        pillars, check, earnest);
  }

  SimPlan withPillars(int count) {
    if (count != 1 && !protocol.pillars()) {
      throw Failure.usage(protocol.name() + " has no pillars");
    }
    if (count < 1 || count > Instances.MOST_PILLARS) {
      throw Failure.usage(
          "there are 1 to %d pillars, not %d".formatted(Instances.MOST_PILLARS, count));
    }
    return new SimPlan(
        protocol, replicas, geography, wan, profile, costs, load, clients, seconds, seed, crashed,
        count, oracles, real);
  }

  static Geography geography(String name) {
    return switch (name) {
      case "azure10" -> Geography.AZURE10;
      case "lan" -> Geography.LAN;
      default -> {
        try {
          yield Geography.parse(Files.readAllLines(Path.of(name), StandardCharsets.UTF_8));
        } catch (IOException e) {
          throw Failure.usage("--wan is azure10, lan or a file; " + name + " cannot be read");
        } catch (IllegalArgumentException e) {
          throw Failure.usage(name + ": " + e.getMessage());
        }
      }
    };
  }

  static @Nullable CostTable costs(String name) {
    return switch (name) {
      case IDEAL, FIXED -> null;
      case "P2021" -> CostTable.p2021();
      case STEADY -> CostTable.p2021().steady();
      case "measured" -> CostTable.measured();
      default -> {
        try {
          yield CostTable.parse(
              String.valueOf(Path.of(name).getFileName()), Files.readAllBytes(Path.of(name)));
        } catch (IOException e) {
          throw Failure.usage(
              "--profile is P2021, P2021-steady, measured, ideal, fixed or a file; "
                  + name
                  + " cannot be read");
        } catch (IllegalArgumentException e) {
          throw Failure.usage(String.valueOf(e.getMessage()));
        }
      }
    };
  }
}
