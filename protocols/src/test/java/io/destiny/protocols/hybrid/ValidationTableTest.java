package io.destiny.protocols.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.ghost.GhostThreshSign;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Stale and forged VIEW-CHANGEs and NEW-VIEWs (reliability.md §2.2): whatever faulty hosts make of
 * their fields, with trusted subsystems that answer as they must, is accepted iff rules 10 to 13 of
 * hybster.md §5.2 allow it. What these allow is said here once more, about the plan of a message
 * and not about its bytes.
 */
class ValidationTableTest {
  private static final int N = 5;
  private static final int QUORUM = 3;
  private static final int WIDTH = 4;
  private static final int INSTANCE = Instances.ORDER;
  private static final byte[] PROVEN = {7};
  private static final byte[] UNPROVEN = {8};

  private final Settings settings = settings();
  private final Domain domain = settings.domain();

  private static Settings settings() {
    var destiny = Catalog.find("destiny").orElseThrow();
    return WorldOptions.of(new QuorumRule(N, FaultModel.HYBRID), destiny::create, destiny::codec)
        .settings(0);
  }

  // ---- what Validation is told of its replica

  private static long leader(long view) {
    return view % N;
  }

  private HybridHost host() {
    return Stub.of(
        HybridHost.class,
        Map.of(
            "settings", a -> settings,
            "instance", a -> INSTANCE,
            "form", a -> CertificateForm.SHARE,
            "width", a -> WIDTH,
            "leader", a -> (int) leader((long) a[0]),
            "statement", a -> domain.proposal(INSTANCE, (long) a[0], (long) a[1], (Digest) a[2])));
  }

  /** A watermark is proven by a byte; the note counts views and says the last re-proposal. */
  private static Port port() {
    return Stub.of(
        Port.class,
        Map.of(
            "check",
            a ->
                proven((Watermark) a[0])
                    ? new Validity.Valid()
                    : new Validity.Invalid(DropReason.INVALID),
            "viewNote",
            a -> note((byte[]) a[0], (long) a[1])));
  }

  private static boolean proven(Watermark m) {
    return Arrays.equals(m.proof(), m.slot() == 0 ? new byte[0] : PROVEN);
  }

  private static byte[] note(byte[] before, long max) {
    return new byte[] {(byte) ((before.length == 0 ? 0 : before[0]) + 1), (byte) max};
  }

  // ---- a cluster of trusted subsystems and keys

  private final class Cluster {
    final GhostLedger ledger = new GhostLedger(domain, settings.rule());
    final GhostCrypto verifier = new GhostCrypto(ledger, -1);
    final List<GhostThreshSign> enclaves = new ArrayList<>();
    final Validation validation = new Validation(host());
    final Port port = port();

    Cluster() {
      for (int i = 0; i < N; i++) {
        enclaves.add(new GhostThreshSign(ledger, i, GhostLedger.boot(i)));
      }
    }

    Result call(int replica, TrustedCall call) {
      return enclaves.get(replica).call(List.of(call)).getFirst();
    }

    /** The attestation of an F1 call, junk if it is refused. */
    byte[] attested(int replica, TrustedCall.Independent call) {
      return call(replica, call) instanceof Result.Certified s ? s.attestation() : new byte[64];
    }

    /** A proposal that was made before its leader's counter went where it is now. */
    NewView.Signed proposed(int replica, long view, long slot, Digest value) {
      GhostThreshSign before = new GhostThreshSign(ledger, replica, GhostLedger.boot(replica));
      Result r = before.call(List.of(validation.call(view, slot, value))).getFirst();
      return NewView.Signed.of((Result.Certified) r);
    }

    ContinuingCertificate moved(int replica, int counter, long from, long to, Digest message) {
      Result r = call(replica, new TrustedCall.Continuing(INSTANCE, counter, from, to, message));
      return r instanceof Result.Continued c
          ? c.certificate()
          : new ContinuingCertificate(
              replica, GhostLedger.boot(replica), counter, from, to, new byte[64]);
    }

    Certificate complaints(int count, long view, long target) {
      byte[] statement = domain.complaint(INSTANCE, view, target);
      List<Share> shares = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Result r = new GhostCrypto(ledger, i).run(new Work.SignExecution(statement));
        shares.add(((Result.Signed) r).share());
      }
      if (count < settings.rule().weak()) {
        // Too few to combine: the best that f replicas can forge.
        return new Certificate(shares.getFirst().signature(), new byte[] {(byte) ((1 << N) - 1)});
      }
      Work combine = new Work.Combine(KeyPurpose.EXECUTION, statement, shares);
      return ((Result.Combined) verifier.run(combine)).certificate();
    }

    boolean valid(@Nullable List<Work> works) {
      return works != null
          && works.stream().allMatch(w -> verifier.run(w) instanceof Result.Verdict v && v.valid());
    }

    boolean accepts(ViewChangeHeader h) {
      return valid(validation.header(h, port));
    }

    boolean accepts(NewView n, NewView.@Nullable Content before) {
      return validation.wellFormed(n)
          && (n.content().from() == 0 || before != null)
          && valid(List.of(validation.attestation(n, n.content().digest(domain))))
          && valid(validation.newView(n, before, port))
          && valid(validation.proposals(n));
    }
  }

  private static long at(long view, long slot) {
    return Counters.encode(view, slot);
  }

  private static Digest value(long view, long slot) {
    return Digest.of(new byte[] {(byte) view, (byte) slot});
  }

  // ---- VIEW-CHANGE, rule 10

  /** What somebody puts into a VIEW-CHANGE header. */
  private static final class Plan {
    int sender = 1;
    int signer = 1;
    long target = 3;
    long complaint = 2;
    long complaintTarget = 3;
    int complainers = QUORUM;
    long mark;
    boolean markProven = true;
    int counter = Counters.ORDER;

    /** The counter's way, from the origin on, and how much of it is left out of the chain. */
    List<Long> path = new ArrayList<>(List.of(at(0, 2), at(3, 0)));

    int hidden;

    /** A later link that is left out; -1: none. */
    int omitted = -1;

    boolean signed = true;

    long origin() {
      return path.get(Math.min(hidden, path.size() - 2));
    }

    long from() {
      return Counters.view(origin());
    }

    long last() {
      return Counters.slot(origin());
    }

    ViewChangeHeader make(Cluster c) {
      Watermark watermark = new Watermark(mark, mark == 0 && markProven ? new byte[0] : proof());
      Digest body = value(9, last());
      List<ViewChangeHeader.Link> links = new ArrayList<>();
      Certificate proof = c.complaints(complainers, complaint, complaintTarget);
      c.call(
          signer,
          new TrustedCall.IndependentShare(INSTANCE, counter, path.getFirst(), value(8, 8)));
      for (int i = 0; i + 2 < path.size(); i++) {
        Digest message = value(7, i);
        ContinuingCertificate link =
            c.moved(signer, counter, path.get(i), path.get(i + 1), message);
        if (i >= hidden && i != omitted) {
          links.add(new ViewChangeHeader.Link(link, message));
        }
      }
      int end = path.size() - 1;
      Digest digest =
          ViewChangeHeader.digest(
              c.ledger.domain(),
              INSTANCE,
              sender,
              target,
              complaint,
              proof,
              watermark,
              signed ? body : value(6, 6),
              links);
      ContinuingCertificate certificate =
          c.moved(signer, counter, path.get(end - 1), path.get(end), digest);
      return new ViewChangeHeader(
          INSTANCE, sender, target, complaint, proof, watermark, body, links, certificate);
    }

    private byte[] proof() {
      return markProven ? PROVEN : UNPROVEN;
    }

    /** Rule 10, but for what is said in NEW-VIEW(w). */
    boolean valid() {
      boolean way = path.getLast() == at(target, 0);
      for (int i = 1; i < path.size(); i++) {
        // A certificate that moves nothing is a trusted MAC, and no part of a chain.
        way &= i <= hidden ? path.get(i - 1) <= path.get(i) : path.get(i - 1) < path.get(i);
        // Each certificate of a chain ends at the beginning of a view.
        way &= i <= hidden || Counters.slot(path.get(i)) == 0;
      }
      return way
          && omitted < 0
          && signed
          && signer == sender
          && counter == Counters.ORDER
          && complainers >= QUORUM
          && complaintTarget == target
          && complaint < target
          && markProven
          && last() <= mark + WIDTH;
    }

    @Override
    public String toString() {
      List<String> way = path.stream().map(v -> Counters.view(v) + "|" + Counters.slot(v)).toList();
      return "R%d (signed by R%d, counter %d, %s) for %d, %d complaints of %d for %d, o_c %d %s, %s but %d and %d"
          .formatted(
              sender,
              signer,
              counter,
              signed,
              target,
              complainers,
              complaint,
              complaintTarget,
              mark,
              markProven,
              way,
              hidden,
              omitted);
    }
  }

  private static boolean seldom(SplittableRandom random) {
    return random.nextInt(10) == 0;
  }

  private static Plan plan(SplittableRandom random) {
    Plan p = new Plan();
    p.mark = random.nextInt(3);
    p.path = new ArrayList<>(List.of(at(random.nextInt(2), random.nextInt(8))));
    for (long v = Counters.view(p.path.getFirst()) + 1; v < p.target; v++) {
      if (random.nextBoolean()) {
        p.path.add(at(v, seldom(random) ? 1 : 0));
      }
    }
    p.path.add(at(p.target, 0));
    if (seldom(random)) {
      p.path.set(p.path.size() - 1, at(p.target + random.nextInt(-1, 2), random.nextInt(2)));
    }
    if (seldom(random)) {
      Collections.swap(p.path, 0, random.nextInt(p.path.size()));
    }
    if (seldom(random)) {
      int at = random.nextInt(p.path.size());
      p.path.add(at, p.path.get(at));
    }
    p.hidden = p.path.size() > 2 && random.nextInt(4) == 0 ? 1 : 0;
    // Without a link that stands still the chain is whole.
    boolean all = p.path.stream().distinct().count() == p.path.size();
    p.omitted =
        all && p.path.size() > p.hidden + 3 && seldom(random) ? p.path.size() - 3 : p.omitted;
    p.signer = seldom(random) ? 2 : 1;
    p.complainers = seldom(random) ? QUORUM - 1 : random.nextInt(QUORUM, N + 1);
    p.complaint = seldom(random) ? 3 : random.nextInt(3);
    p.complaintTarget = seldom(random) ? 2 : 3;
    p.markProven = !seldom(random);
    p.counter = seldom(random) ? Counters.MISC : Counters.ORDER;
    p.signed = !seldom(random);
    return p;
  }

  @Test
  void headersAreAcceptedIffRule10AllowsThem() {
    int accepted = 0;
    int runs = 20_000;
    for (int seed = 0; seed < runs; seed++) {
      Plan plan = plan(new SplittableRandom(seed));
      Cluster cluster = new Cluster();
      boolean is = cluster.accepts(plan.make(cluster));
      assertThat(is).as("seed %d: %s", seed, plan).isEqualTo(plan.valid());
      accepted += is ? 1 : 0;
    }
    assertThat(accepted).isBetween(runs / 20, runs / 2);
  }

  /** What is hidden in a chain stays hidden from this check: it shows as another origin. */
  @Test
  void aChainThatBeginsLateIsThatOfAnotherFromView() {
    Plan trap = new Plan();
    trap.path = List.of(at(0, 1), at(1, 0), at(3, 0));
    trap.hidden = 1;
    assertThat(trap.from()).isEqualTo(1);
    assertThat(trap.valid()).isTrue();
    Cluster cluster = new Cluster();
    ViewChangeHeader h = trap.make(cluster);
    assertThat(cluster.accepts(h)).isTrue();
    assertThat(h.from()).as("so NEW-VIEW(1) must be known and obliges").isEqualTo(1);
  }

  @Test
  void aChainWithAHoleIsNone() {
    for (int omitted = -1; omitted < 3; omitted++) {
      Plan p = new Plan();
      p.target = 4;
      p.complaintTarget = 4;
      p.path = List.of(at(0, 2), at(1, 0), at(2, 0), at(3, 0), at(4, 0));
      p.omitted = omitted;
      Cluster cluster = new Cluster();
      // Without its first link it is another chain, as above.
      assertThat(cluster.accepts(p.make(cluster))).as("%d", omitted).isEqualTo(omitted <= 0);
    }
  }

  // ---- body

  @Test
  void bodiesShowEachProposalOfTheFromView() {
    Map<String, Boolean> table = new TreeMap<>();
    for (String change :
        List.of(
            "none",
            "another digest",
            "another leader",
            "another view",
            "one less",
            "one more",
            "first later",
            "not of the header")) {
      Cluster c = new Cluster();
      Plan plan = new Plan();
      List<NewView.Old> proposals = new ArrayList<>();
      for (long o = 1; o <= 2; o++) {
        int by = o == 2 && change.equals("another leader") ? 3 : 0;
        long view = o == 2 && change.equals("another view") ? 5 : 0;
        byte[] attestation = c.attested(by, c.validation.call(view, o, value(0, o)));
        Digest told = o == 2 && change.equals("another digest") ? value(4, 4) : value(0, o);
        proposals.add(new NewView.Old(told, attestation));
      }
      if (change.equals("one less")) {
        proposals.removeLast();
      } else if (change.equals("one more")) {
        byte[] attestation = c.attested(0, c.validation.call(0, 3, value(0, 3)));
        proposals.add(new NewView.Old(value(0, 3), attestation));
      }
      HybridMessage.Body body =
          new HybridMessage.Body(change.equals("first later") ? 2 : 1, proposals);
      ViewChangeHeader h = plan.make(c);
      Digest shown = change.equals("not of the header") ? value(4, 4) : c.validation.digest(body);
      ViewChangeHeader with =
          new ViewChangeHeader(
              h.instance(),
              h.sender(),
              h.target(),
              h.complaint(),
              h.complaintProof(),
              h.watermark(),
              shown,
              h.chain(),
              h.certificate());
      table.put(change, c.valid(c.validation.body(with, body)));
    }
    assertThat(table.remove("none")).isTrue();
    assertThat(table).allSatisfy((change, valid) -> assertThat(valid).as(change).isFalse());
  }

  // ---- NEW-VIEW, rules 11 to 13

  private static Watermark mark(long slot, boolean proven) {
    return new Watermark(slot, slot == 0 ? new byte[0] : proven ? PROVEN : UNPROVEN);
  }

  /** NEW-VIEW(1), known valid: it re-proposes what view 0 proposed up to 2. */
  private static NewView.Content first(long base) {
    List<NewView.Old> old = new ArrayList<>();
    for (long o = base + 1; o <= 2; o++) {
      old.add(new NewView.Old(value(0, o), new byte[0]));
    }
    return new NewView.Content(
        INSTANCE, 1, List.of(), 0, mark(base, true), note(new byte[0], 2), old);
  }

  /** What somebody puts into NEW-VIEW(3). */
  private static final class NewViewPlan {
    final List<Plan> headers = new ArrayList<>();
    long firstBase;
    long from;
    long base;
    boolean baseProven = true;
    byte[] note = {};
    final List<Digest> values = new ArrayList<>();
    int oldLeader;
    long newView = 3;
    int leader = 3;
    boolean contentSigned = true;

    long highestFrom() {
      return headers.stream().mapToLong(Plan::from).max().orElse(0);
    }

    long highestMark() {
      return headers.stream().mapToLong(h -> h.mark).max().orElse(0);
    }

    long max() {
      long max = Math.max(highestMark(), highestFrom() == 1 ? 2 : 0);
      for (Plan h : headers) {
        max = h.from() == highestFrom() ? Math.max(max, h.last()) : max;
      }
      return max;
    }

    private boolean inherits(long slot) {
      return from == 1 && slot > firstBase && slot <= 2;
    }

    /** D_o: that of NEW-VIEW(w*), or what the leader of w* proposed. */
    Digest right(long slot) {
      return value(inherits(slot) ? 0 : from, slot);
    }

    NewView.@Nullable Content before() {
      return from == 1 ? first(firstBase) : null;
    }

    byte[] rightNote() {
      NewView.Content before = before();
      return ValidationTableTest.note(before == null ? new byte[0] : before.note(), max());
    }

    /** Rules 10 to 13, recomputed. */
    boolean valid() {
      boolean good =
          headers.size() >= QUORUM
              && leader == 3
              && contentSigned
              && from == highestFrom()
              && from <= 1
              && base == highestMark()
              && (baseProven || base == 0)
              && values.size() == max() - base
              && Arrays.equals(note, rightNote());
      int before = -1;
      for (Plan h : headers) {
        good &= h.valid() && h.target == 3 && h.sender > before;
        good &= h.from() < from || from == 0 || h.mark >= firstBase;
        before = h.sender;
      }
      for (int i = 0; good && i < values.size(); i++) {
        long slot = base + 1 + i;
        good = values.get(i).equals(right(slot)) && (inherits(slot) || oldLeader == leader(from));
        good &= newView == 3;
      }
      return good;
    }

    NewView make(Cluster c) {
      List<ViewChangeHeader> made = headers.stream().map(h -> h.make(c)).toList();
      List<NewView.Old> old = new ArrayList<>();
      List<NewView.Signed> signed = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        long slot = base + 1 + i;
        Digest d = values.get(i);
        // Of (w*, o) there is one certificate.
        boolean proposed = d.equals(value(from, slot));
        byte[] certificate =
            proposed ? c.proposed(oldLeader, from, slot, d).attestation() : new byte[64];
        old.add(new NewView.Old(d, inherits(slot) ? new byte[0] : certificate));
        signed.add(c.proposed(3, newView, slot, d));
      }
      NewView.Content content =
          new NewView.Content(INSTANCE, 3, made, from, mark(base, baseProven), note, old);
      Digest digest = content.digest(c.ledger.domain());
      TrustedCall.Independent call =
          c.validation.call(content, contentSigned ? digest : value(5, 5));
      return new NewView(content, c.attested(leader, call), signed);
    }

    @Override
    public String toString() {
      return "NEW-VIEW(3) by R%d (%s): w* %d, base %d %s, %d values, note %s, old by R%d, new in %d, %s"
          .formatted(
              leader,
              contentSigned,
              from,
              base,
              baseProven,
              values.size(),
              Arrays.toString(note),
              oldLeader,
              newView,
              headers);
    }
  }

  /** A valid VIEW-CHANGE for view 3. */
  private static Plan complete(int sender, long firstBase, SplittableRandom random) {
    Plan p = new Plan();
    p.sender = sender;
    p.signer = sender;
    long from = random.nextInt(2);
    p.mark = random.nextInt((int) (from == 1 ? firstBase : 0), 3);
    p.path = new ArrayList<>(List.of(at(from, random.nextInt((int) p.mark + WIDTH + 1))));
    for (long v = from + 1; v < 3; v++) {
      if (random.nextBoolean()) {
        p.path.add(at(v, 0));
      }
    }
    p.path.add(at(3, 0));
    return p;
  }

  private static NewViewPlan newView(SplittableRandom random) {
    NewViewPlan p = new NewViewPlan();
    p.firstBase = random.nextInt(2);
    int left = seldom(random) ? QUORUM - 1 : random.nextInt(QUORUM, N + 1);
    for (int i = 0; i < N && left > 0; i++) {
      if (random.nextInt(N - i) < left) {
        p.headers.add(complete(i, p.firstBase, random));
        left--;
      }
    }
    if (seldom(random)) {
      // One sender twice, or two in another order.
      Plan one = p.headers.get(random.nextInt(p.headers.size()));
      p.headers.set(random.nextInt(p.headers.size()), one);
    }
    if (seldom(random)) {
      Plan one = p.headers.get(random.nextInt(p.headers.size()));
      Plan other = plan(random);
      other.sender = one.sender;
      other.signer = seldom(random) ? 0 : one.sender;
      p.headers.set(p.headers.indexOf(one), other);
    }
    p.from = seldom(random) ? random.nextInt(2) : p.highestFrom();
    p.base = seldom(random) ? random.nextInt(3) : p.highestMark();
    p.baseProven = !seldom(random);
    p.oldLeader = seldom(random) ? 2 : (int) leader(p.from);
    p.newView = seldom(random) ? 4 : 3;
    p.leader = seldom(random) ? 4 : 3;
    p.contentSigned = !seldom(random);
    long max = p.max() + (seldom(random) ? random.nextInt(-1, 2) : 0);
    for (long o = p.base + 1; o <= max; o++) {
      p.values.add(p.right(o));
    }
    if (!p.values.isEmpty() && seldom(random)) {
      p.values.set(random.nextInt(p.values.size()), value(random.nextInt(2), random.nextInt(4)));
    }
    p.note = p.rightNote();
    if (seldom(random)) {
      p.note[random.nextInt(2)]++;
    }
    return p;
  }

  @Test
  void newViewsAreAcceptedIffRules10To13AllowThem() {
    int accepted = 0;
    int runs = 20_000;
    for (int seed = 0; seed < runs; seed++) {
      NewViewPlan plan = newView(new SplittableRandom(seed));
      Cluster cluster = new Cluster();
      boolean is = cluster.accepts(plan.make(cluster), plan.before());
      assertThat(is).as("seed %d: %s", seed, plan).isEqualTo(plan.valid());
      accepted += is ? 1 : 0;
    }
    assertThat(accepted).isBetween(runs / 20, runs / 2);
  }
}
