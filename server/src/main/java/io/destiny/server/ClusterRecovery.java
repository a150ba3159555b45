package io.destiny.server;

import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.sign.SignatureSuite;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.protocols.dqbft.Salvage;
import io.destiny.protocols.dqbft.SalvageBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The administrators' procedure when more than f trusted subsystems are gone and nothing can be
 * ordered any more (trusted-subsystem.md §7 R2): out of the folders of all replicas that can be
 * reached, none of which runs, the longest prefix of the order that can be executed, and a new
 * epoch that begins there. Signatures that dead trusted subsystems made and nobody has testify to
 * nothing: an acknowledged command survives only if a correct replica that held it takes part.
 */
public final class ClusterRecovery implements AutoCloseable {
  private final ClusterFolder cluster;
  private final Function<ClusterManifest, StateMachine> applications;
  private final TreeMap<Integer, Survivor> survivors = new TreeMap<>();

  /** What is known of all epochs. */
  private final TreeMap<Long, ClusterManifest> manifests = new TreeMap<>();

  private final TreeMap<Long, byte[]> manifestBytes = new TreeMap<>();

  /** Where a recovery starts: null checkpoint: at the beginning of all. */
  private record Base(
      ClusterManifest epoch, Input.@Nullable SavedCheckpoint checkpoint, StateMachine application) {
    long slot() {
      return checkpoint == null ? 0 : checkpoint.slot();
    }
  }

  /**
   * What was found and done.
   *
   * @param from the epoch whose order was carried on
   * @param epoch the one that begins
   * @param base the O-slot of the checkpoint that it was carried on from; 0: there was none
   * @param slots batches that were executed above it
   * @param beyond committed lists that could not be carried out
   * @param state the digest of the state that the epoch begins with
   */
  public record Report(
      long from,
      long epoch,
      long base,
      int slots,
      int lists,
      int beyond,
      long slot,
      long position,
      Digest state,
      List<Member> members) {}

  /**
   * What one replica had part in.
   *
   * @param tookPart whether its folder was read
   * @param contributed of how many slots that were carried out its log has the value
   * @param rejected what of it did not count, and why
   */
  public record Member(
      int replica, boolean tookPart, long epoch, int contributed, List<String> rejected) {}

  private ClusterRecovery(
      ClusterFolder cluster, Function<ClusterManifest, StateMachine> applications) {
    this.cluster = cluster;
    this.applications = applications;
  }

  /**
   * Opens the folders of all replicas but some.
   *
   * @param without replicas that cannot be reached
   * @throws ConfigException if a folder is missing, or none is left
   * @throws IOException if one is in use or damaged
   */
  public static ClusterRecovery open(ClusterFolder cluster, SortedSet<Integer> without)
      throws IOException {
    return open(cluster, without, manifest -> new KeyValueStore(manifest.maxStateBytes()));
  }

  /** The same for an embedder's application, in its initial state. */
  public static ClusterRecovery open(
      ClusterFolder cluster,
      SortedSet<Integer> without,
      Function<ClusterManifest, StateMachine> applications)
      throws IOException {
    checkRecoverable(cluster.manifest());
    ClusterRecovery recovery = new ClusterRecovery(cluster, applications);
    try {
      recovery.openAll(without);
      return recovery;
    } catch (IOException | RuntimeException e) {
      recovery.close();
      throw e;
    }
  }

  /**
   * Finishes what an earlier attempt had prepared in full.
   *
   * @return the epoch that begins; -1 if there was nothing to finish
   * @throws IOException if a folder is in use, or cannot be written
   */
  public static long finish(ClusterFolder cluster) throws IOException {
    RecoveredEpoch staged = RecoveredEpoch.staged(cluster);
    if (staged == null) {
      return -1;
    }
    staged.putInForce(Map.of());
    return staged.manifest().epoch();
  }

  /**
   * Enough trusted subsystems to order a change.
   *
   * @param live how many of the epoch's n have their keys
   */
  public record LiveQuorum(long epoch, int live, int n) {}

  /** Those of this machine that still make a quorum of the epoch they are in; null if none do. */
  public static @Nullable LiveQuorum liveQuorum(
      ClusterFolder cluster, Function<Path, OptionalLong> provisionedEpoch) {
    TreeMap<Long, Integer> live = new TreeMap<>();
    TreeMap<Long, QuorumRule> rules = new TreeMap<>();
    int members = cluster.keys().rule().n();
    for (int i = 0; i < members; i++) {
      // cluster.yaml may be older than what the replicas are in.
      ClusterManifest own = cluster.manifestOf(i);
      members = Math.max(members, own.members().size());
      OptionalLong epoch = provisionedEpoch.apply(ClusterFolder.replicaFolder(cluster.path(), i));
      if (epoch.isPresent() && epoch.getAsLong() == own.epoch()) {
        live.merge(own.epoch(), 1, Integer::sum);
        rules.put(own.epoch(), own.keys().rule());
      }
    }
    for (Map.Entry<Long, QuorumRule> epoch : rules.descendingMap().entrySet()) {
      int count = live.getOrDefault(epoch.getKey(), 0);
      if (count >= epoch.getValue().quorum()) {
        return new LiveQuorum(epoch.getKey(), count, epoch.getValue().n());
      }
    }
    return null;
  }

  private void openAll(SortedSet<Integer> without) throws IOException {
    know(cluster.manifest(), ClusterFolder.bytes(cluster.path().resolve(ManifestFile.NAME)));
    for (Path file : cluster.earlierManifests()) {
      byte[] bytes = ClusterFolder.bytes(file);
      know(ManifestFile.parse(file, bytes), bytes);
    }
    // Replicas may be in another epoch than the folder describes: of that one's members, too, any
    // may hold what was acknowledged.
    int members = cluster.keys().rule().n();
    for (int i = 0; i < members; i++) {
      if (!without.contains(i)) {
        Survivor survivor = Survivor.open(cluster, i);
        survivors.put(i, survivor);
        know(survivor.manifest(), survivor.manifestBytes());
        members = Math.max(members, survivor.manifest().members().size());
      }
    }
    if (!without.isEmpty() && (without.first() < 0 || without.last() >= members)) {
      throw new ConfigException(
          "there are replicas 0 to %d, and not all of %s".formatted(members - 1, without));
    }
    if (survivors.isEmpty()) {
      throw new ConfigException("no replica is left to recover anything from");
    }
  }

  private void know(ClusterManifest manifest, byte[] bytes) {
    if (cluster.sameCluster(manifest)
        && manifests.putIfAbsent(manifest.epoch(), manifest) == null) {
      manifestBytes.put(manifest.epoch(), bytes);
    }
  }

  /**
   * A folder whose replica was replaced or has left must not be given the keys of who has its
   * number now. An ordered change of members whose command was interrupted leaves it so.
   */
  private void checkFolders(ClusterManifest last) {
    for (int i = 0; i < last.members().size(); i++) {
      Survivor s = survivors.get(i);
      if (s != null && !Arrays.equals(last.members().get(i).pin(), s.pin())) {
        throw new ConfigException(
            ("replica %d of epoch %d is another one than that in %s; put its own folder there, which"
                    + " the interrupted change left as replica-%d.new, or say --without %d")
                .formatted(i, last.epoch(), ClusterFolder.replicaFolder(cluster.path(), i), i, i));
      }
    }
  }

  // ---- what there is

  /**
   * Carries on the order as far as the folders lead, and lets a new epoch begin there: its keys,
   * its state in the folder of each replica that took part, its manifest.
   *
   * @throws ConfigException if no state is left to start from, or provisioner.yaml is missing
   * @throws IOException if a folder cannot be written; nothing has changed then, or the next
   *     attempt finishes it
   */
  public Report run() throws IOException {
    byte[] provisioner = cluster.provisionerPrivateKey();
    Base base = base();
    ClusterManifest last = manifests.lastEntry().getValue();
    checkFolders(last);
    Settings settings = base.epoch.settings(0);
    Salvage salvage = new Salvage(settings, survey(base.epoch, settings), judge(base.epoch));
    List<Salvage.Holding> holdings = holdings(base.epoch.epoch());
    Salvage.Reach reach =
        salvage.reach(
            base.checkpoint, holdings, System.currentTimeMillis() + settings.tuning().skewMillis());
    // Two on: for a replica of any epoch that may have begun its own is over then, and it joins
    // without state. One epoch on it could stand at the boundary and wait for the others there.
    Reconfiguration ended = reach.ended();
    long ordered = ended == null ? 0 : ended.epoch();
    long epoch = Math.max(Math.max(last.epoch(), prepared(last)), ordered) + 2;
    RecoveredEpoch next = RecoveredEpoch.of(cluster, last, epoch, provisioner);
    ClientSigner signer = ClientSigner.of(ClientAlgorithm.ED25519, provisioner);
    // No epoch runs under this number: the order only learns that the present one is over.
    Reconfiguration end =
        new Reconfiguration(
            base.epoch.epoch() + 1, next.manifest().members().size(), next.manifestBytes());
    Salvage.Boundary boundary =
        salvage.replay(base.checkpoint, reach, base.application, end, signer::sign);
    RecoveredEpoch.State state =
        new RecoveredEpoch.State(base.epoch.keys().domain(), boundary, base.application.snapshot());
    close();
    next.stage(List.copyOf(survivors.keySet()), state, signer::sign);
    next.putInForce(manifestBytes);
    return report(base, epoch, reach, boundary, state.digest());
  }

  private Report report(
      Base base, long epoch, Salvage.Reach reach, Salvage.Boundary boundary, Digest state) {
    List<Member> members = new ArrayList<>();
    int count = manifests.lastEntry().getValue().members().size();
    for (int i = 0; i < count; i++) {
      Survivor s = survivors.get(i);
      members.add(
          s == null
              ? new Member(i, false, -1, 0, List.of())
              : new Member(
                  i,
                  true,
                  s.manifest().epoch(),
                  reach.contributed().getOrDefault(i, 0),
                  List.copyOf(s.rejected())));
    }
    return new Report(
        base.epoch.epoch(),
        epoch,
        base.slot(),
        reach.slots(),
        reach.lists(),
        reach.beyond(),
        boundary.slot(),
        boundary.position(),
        state,
        members);
  }

  private static LogSurvey survey(ClusterManifest manifest, Settings settings) {
    return manifest
        .entry()
        .survey(settings)
        .orElseThrow(() -> new ConfigException(cannotRecover(manifest.entry())));
  }

  /**
   * Whether this procedure is for clusters of the protocol.
   *
   * @throws ConfigException if it is not, with what to do instead
   */
  public static void checkRecoverable(ClusterManifest manifest) {
    survey(manifest, manifest.settings(0));
  }

  private static String cannotRecover(ProtocolEntry protocol) {
    String logs = "the logs of a cluster of %s cannot be put together".formatted(protocol.name());
    return protocol.trusted()
        ? logs + ": its order goes on only while a quorum of its trusted processes has its keys"
        : logs
            + ", and after a power cut need not be: its replicas vote again from their own logs."
            + " Start them all; one that lost its log gets a new key with destiny reconfigure"
            + " --rotate once the others go on";
  }

  private List<Salvage.Holding> holdings(long epoch) {
    return survivors.values().stream()
        .filter(s -> s.manifest().epoch() == epoch)
        .map(Survivor::holding)
        .toList();
  }

  /** The epoch of a reconfiguration that was prepared: it may have begun, where nobody looks. */
  private long prepared(ClusterManifest last) {
    Path staged = cluster.path().resolve(NextEpoch.STAGED);
    ClusterManifest next =
        Files.exists(staged) ? last.successor(ClusterFolder.bytes(staged)) : null;
    return next == null ? 0 : next.epoch();
  }

  // ---- where to start

  /** In the last epoch of which a proven state is left. */
  private Base base() {
    for (ClusterManifest epoch : manifests.descendingMap().values()) {
      List<Salvage.Holding> holdings = holdings(epoch.epoch());
      if (holdings.isEmpty()) {
        continue;
      }
      SalvageBase bases =
          new SalvageBase(
              epoch.settings(0), judge(epoch), former(epoch.epoch() - 1), this::administrators);
      long newest = bases.newest(holdings);
      for (SalvageBase.Proven proven : bases.find(holdings)) {
        StateMachine application = applications.apply(epoch);
        if (proven.checkpoint().slot() >= newest
            && survivor(proven.replica()).load(proven.checkpoint(), application)) {
          return new Base(epoch, proven.checkpoint(), application);
        }
      }
      if (newest > 0) {
        throw new ConfigException(
            ("the state at O-slot %d of epoch %d, which was certified, is damaged or missing in all"
                    + " folders that are here; the folder of another replica is needed")
                .formatted(newest, epoch.epoch()));
      }
      checkNothingIsForgotten(epoch, holdings);
      if (epoch.epoch() == 0) {
        return new Base(epoch, null, applications.apply(epoch));
      }
    }
    throw new ConfigException(
        "no folder has a state that f+1 replicas or the administrators proved");
  }

  /**
   * Who joined an epoch and never had its state has no slots of it: nothing was voted for there.
   */
  private static void checkNothingIsForgotten(
      ClusterManifest epoch, List<Salvage.Holding> holdings) {
    List<Integer> voters =
        holdings.stream()
            .filter(h -> h.records().stream().anyMatch(r -> r.slot() > 0))
            .map(Salvage.Holding::replica)
            .toList();
    if (epoch.epoch() > 0 && !voters.isEmpty()) {
      throw new ConfigException(
          ("replicas %s took part in epoch %d, and no folder here has a state that it began with"
                  + " proved; the folder of another of its replicas is needed. Without these"
                  + " (--without), what was ordered in that epoch is lost")
              .formatted(voters, epoch.epoch()));
    }
  }

  private Survivor survivor(int replica) {
    Survivor s = survivors.get(replica);
    if (s == null) {
      throw new IllegalStateException("a state that nobody holds");
    }
    return s;
  }

  private boolean administrators(byte[] statement, byte[] signature) {
    try {
      return SignatureSuite.ED25519.verify(
          SignatureSuite.ED25519.publicKey(cluster.manifest().provisionerKey()),
          statement,
          signature);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private LogSurvey.Judge judge(ClusterManifest epoch) {
    CryptoProvider crypto = new BlsCrypto(epoch.keys());
    return new LogSurvey.Judge() {
      @Override
      public boolean holds(Work work) {
        return holdsUnder(crypto, work);
      }

      @Override
      public void rejected(int replica, String why) {
        survivor(replica).reject(why);
      }
    };
  }

  private Predicate<Work> former(long epoch) {
    ClusterManifest known = manifests.get(epoch);
    if (known == null) {
      return work -> false;
    }
    CryptoProvider crypto = new BlsCrypto(known.keys());
    return work -> holdsUnder(crypto, work);
  }

  private static boolean holdsUnder(CryptoProvider crypto, Work work) {
    return crypto.run(work) instanceof Result.Verdict verdict && verdict.valid();
  }

  /** Lets go of all folders. */
  @Override
  public void close() {
    survivors.values().forEach(Survivor::close);
  }
}
