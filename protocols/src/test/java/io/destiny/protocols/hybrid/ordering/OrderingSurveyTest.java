package io.destiny.protocols.hybrid.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.hybrid.CertifiedViews;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import io.destiny.protocols.linearhybster.LinearHybster;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Commit;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.ghost.GhostThreshSign;
import io.destiny.sim.world.WorldOptions;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which value of a slot counts, of those that three replicas' logs speak of; R_v leads view v. */
class OrderingSurveyTest {
  private static final int N = 3;
  private static final int INSTANCE = 0;
  private static final int WINDOW = 16;
  private static final Watermark BEGINNING = new Watermark(0, new byte[0]);

  private final Settings settings = settings();
  private final GhostLedger ledger = new GhostLedger(settings.domain(), settings.rule());
  private final CryptoProvider crypto = new GhostCrypto(ledger, -1);
  private final CertifiedViews views = new CertifiedViews(settings, ledger, INSTANCE);
  private final OrderingLog log =
      new OrderingLog(
          INSTANCE,
          (instance, r) -> Batch.decode(settings.domain(), r, settings.limits()),
          new LinearHybster());
  private final TreeMap<Integer, List<LogRecord>> logs = new TreeMap<>();
  private final TreeSet<Integer> rejected = new TreeSet<>();

  /** What no correct replica votes for. */
  private final List<Digest> invalid = new ArrayList<>();

  private final Value a = value(1);
  private final Value b = value(2);
  private final Value c = value(3);

  private static Settings settings() {
    var destiny = Catalog.find("destiny").orElseThrow();
    return WorldOptions.of(new QuorumRule(N, FaultModel.HYBRID), destiny::create, destiny::codec)
        .settings(0);
  }

  private Value value(int number) {
    byte[] command = {(byte) number};
    return Batch.of(
        List.of(Request.of(settings.domain(), 7, number, List.of(command), new byte[64])));
  }

  // ---- logs

  private void has(int replica, LogRecord... records) {
    logs.computeIfAbsent(replica, r -> new ArrayList<>()).addAll(List.of(records));
  }

  private Header proposal(long view, long slot, Value value) {
    NewView.Signed signed = views.proposal(view, slot, value.digest());
    return new Header(view, slot, value.digest(), signed.share(), signed.attestation());
  }

  /** A replica voted for a leader's proposal. */
  private LogRecord vote(long view, long slot, Value value) {
    return log.intent(view, slot, proposal(view, slot, value), value);
  }

  private LogRecord payload(long slot, Value value) {
    return log.payload(0, slot, null, value);
  }

  private LogRecord commit(long view, long slot, Value value) {
    TrustedCall.IndependentShare call =
        new TrustedCall.IndependentShare(
            INSTANCE,
            Counters.ORDER,
            Counters.encode(view, slot),
            settings.domain().proposal(INSTANCE, view, slot, value.digest()));
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < settings.rule().quorum(); i++) {
      GhostThreshSign enclave = new GhostThreshSign(ledger, i, GhostLedger.boot(i));
      shares.add(((Result.Shared) enclave.call(List.of(call)).getFirst()).share());
    }
    byte[] statement =
        settings.domain().share(INSTANCE, call.counter(), call.value(), call.message());
    Work combine = new Work.Combine(KeyPurpose.ORDERING, statement, shares);
    return commit(view, slot, value, ((Result.Combined) crypto.run(combine)).certificate());
  }

  private LogRecord commit(long view, long slot, Value value, Certificate certificate) {
    return log.commit(new Commit(INSTANCE, view, slot, value.digest(), certificate));
  }

  private static Certificate forged() {
    return new Certificate(new byte[Share.SIGNATURE_BYTES], new byte[] {0b111});
  }

  // ---- the survey

  private NavigableMap<Long, LogSurvey.Found> survey() {
    List<LogSurvey.Log> all = new ArrayList<>();
    logs.forEach((replica, records) -> all.add(new LogSurvey.Log(replica, records)));
    return Catalog.find("destiny")
        .orElseThrow()
        .survey(settings)
        .orElseThrow()
        .survey(new LogSurvey.Subject(INSTANCE, 0, WINDOW, 0), all, port(), judge());
  }

  private LogSurvey.Judge judge() {
    return new LogSurvey.Judge() {
      @Override
      public boolean holds(Work work) {
        return crypto.run(work) instanceof Result.Verdict v && v.valid();
      }

      @Override
      public void rejected(int replica, String why) {
        rejected.add(replica);
      }
    };
  }

  private Port port() {
    return (Port)
        Proxy.newProxyInstance(
            Port.class.getClassLoader(),
            new Class<?>[] {Port.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "check" -> new Validity.Valid();
                  case "viewNote" -> new byte[0];
                  case "validate" ->
                      invalid.contains(((Value) arguments[0]).digest())
                          ? new Validity.Invalid(DropReason.INVALID)
                          : new Validity.Valid();
                  default -> throw new IllegalStateException(method.getName());
                });
  }

  private void counts(long slot, Value value, boolean committed) {
    LogSurvey.Found found = survey().get(slot);
    assertThat(found).isNotNull();
    assertThat(found.value().digest()).isEqualTo(value.digest());
    assertThat(found.committed()).isEqualTo(committed);
  }

  // ---- what counts

  @Test
  void aCommitCertificateBeatsAProposalOfAHigherView() {
    has(0, commit(0, 1, a), payload(1, a));
    has(1, views.record(views.of(null, 1, 0, BEGINNING)), vote(1, 1, b));
    counts(1, a, true);
    assertThat(rejected).isEmpty();
  }

  @Test
  void ofProposalsTheOneOfTheHighestViewThatWasEnteredWins() {
    has(0, vote(0, 1, a));
    // in views of which no log has a NEW-VIEW
    has(1, vote(1, 1, b));
    has(2, vote(2, 1, c));
    counts(1, a, false);
    has(1, views.record(views.of(null, 1, 0, BEGINNING)));
    counts(1, b, false);
    assertThat(rejected).isEmpty();
  }

  @Test
  void whatANewViewProposesAgainCounts() {
    has(0, vote(0, 1, b));
    has(1, views.record(views.of(null, 1, 1, BEGINNING, a.digest())), payload(1, a));
    counts(1, a, false);
  }

  @Test
  void aNewViewThatItsLeaderDidNotCertifyDoesNotCount() {
    NewView one = views.of(null, 1, 0, BEGINNING);
    has(0, vote(0, 1, a));
    has(1, vote(1, 1, b));
    has(2, views.record(new NewView(one.content(), new byte[64], one.proposals())));
    counts(1, a, false);
    assertThat(rejected).containsExactly(2);
  }

  /**
   * View 3 took over what view 0 committed, and view 4 begins above a checkpoint that nobody has.
   * In between, the leader of view 2, which was never entered, certified something else.
   */
  @Test
  void underTheBaseOfANewViewTheOneBeforeHasItsSay() {
    NewView three = views.of(null, 3, 1, BEGINNING, a.digest());
    NewView four = views.of(three, 4, 1, new Watermark(1, new byte[] {1}));
    has(0, vote(0, 1, a), views.record(three));
    has(1, views.record(three, four), vote(4, 2, b));
    has(2, vote(2, 1, c), vote(2, 2, c));
    counts(1, a, false);
    counts(2, b, false);
    assertThat(rejected).isEmpty();
  }

  /** Of what was proposed in the views up to that one, if no log has it. */
  @Test
  void underTheBaseOfALoneNewViewTheHighestProposalWins() {
    NewView three = views.of(null, 3, 1, BEGINNING, a.digest());
    NewView four = views.of(three, 4, 1, new Watermark(1, new byte[] {1}));
    has(0, vote(0, 1, b), vote(3, 1, a), vote(4, 1, c));
    has(1, views.vouched(four));
    counts(1, a, false);
    assertThat(rejected).isEmpty();
  }

  @Test
  void recordsWithBadCertificatesAreSkippedAndReported() {
    has(0, commit(0, 1, c, forged()), payload(1, c));
    has(1, commit(1, 1, a), payload(1, a));
    counts(1, a, true);
    assertThat(rejected).containsExactly(0);
  }

  @Test
  void proposalsThatAreNotTheirLeadersAreSkippedAndReported() {
    Header real = proposal(0, 1, c);
    Header junk = new Header(0, 1, c.digest(), real.share(), new byte[64]);
    has(0, log.intent(0, 1, junk, c));
    has(1, vote(0, 1, b));
    counts(1, b, false);
    assertThat(rejected).containsExactly(0);
  }

  @Test
  void aPayloadUnderAnothersCertificateIsSkippedAndReported() {
    has(2, log.intent(0, 1, proposal(0, 1, a), b));
    assertThat(survey()).isEmpty();
    assertThat(rejected).containsExactly(2);
  }

  @Test
  void aGapIsLeftOpen() {
    has(0, vote(0, 1, a), commit(0, 2, b), vote(0, 3, c));
    assertThat(survey().keySet()).as("nobody has the payload of 2").containsExactly(1L, 3L);
    has(1, payload(2, b));
    assertThat(survey().keySet()).containsExactly(1L, 2L, 3L);
  }

  /** Without a certificate the leader's own word counts, and only where nobody has one. */
  @Test
  void aProposalWithoutItsCertificateIsItsLeadersAlone() {
    has(1, log.intent(0, 1, null, b));
    assertThat(survey()).isEmpty();
    has(0, log.intent(0, 1, null, a));
    counts(1, a, false);
    has(2, vote(0, 1, c));
    counts(1, c, false);
  }

  @Test
  void whatIsInvalidCountsOnlyIfItWasCommitted() {
    invalid.add(a.digest());
    has(0, vote(0, 1, a));
    assertThat(survey()).isEmpty();
    has(0, commit(0, 1, a));
    counts(1, a, true);
  }

  /** A liar's trusted subsystem certifies any one NEW-VIEW in each of the many views it leads. */
  @Test
  void aChainOfNewViewsMayBeDeeperThanTheStack() {
    List<NewView> chain = new ArrayList<>();
    NewView last = null;
    for (int i = 0; i < 20_000; i++) {
      last = views.of(last, 2 + 3L * i, 0, BEGINNING);
      chain.add(last);
    }
    has(2, views.record(chain.toArray(NewView[]::new)));
    has(1, vote(2 + 3L * 19_999, 1, b));
    counts(1, b, false);
  }
}
