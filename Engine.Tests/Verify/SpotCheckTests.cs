using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Hashing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>Honest runs are valid, whatever is asked; and files read back as they were written.</summary>
internal sealed class SpotCheckTests
{
    [Test]
    public void Honest_run_is_valid([Values] Policy policy, [Values] Suite suite)
    {
        Scene scene = Scene.Make(policy, suite, samples: 200);
        Verdict verdict = scene.Verify();
        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Valid), verdict.Text);
    }

    [Test]
    public void Every_committed_element_opens_and_holds([Values] Policy policy)
    {
        Scene scene = Scene.Make(policy, samples: 1);
        CommittedGraph graph = scene.Statement.Graph;
        for (UInt128 position = 0; position < graph.Elements; position += 37)
        {
            ElementRef element = graph.AtElement(position);
            Assert.That(scene.Check(element), Is.EqualTo(string.Empty), element.ToString());
        }
    }

    [Test]
    public void Trees_of_parameters_change_no_proof([Values] Policy policy, [Values] Suite suite)
    {
        Scene scene = Scene.Make(policy, suite);
        HeldTrace held = scene.Held;
        ParameterTrees trees = new(suite, held.Parameters, PlainHasher.Instance);
        ParameterTrees others = new(suite == Suite.Sha256 ? Suite.Blake3 : Suite.Sha256, held.Parameters, PlainHasher.Instance);
        foreach (ParameterTrees used in (ParameterTrees[])[trees, others])
        {
            Proof proof = Prover.Prove(held with { Trees = used }, scene.Challenge, PlainHasher.Instance);
            Assert.That(proof.ToArray(), Is.EqualTo(scene.Proof.ToArray()));
        }
    }

    [Test]
    public void Proving_and_verifying_can_be_cancelled()
    {
        Scene scene = Scene.Make();
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.That(
            () => Prover.Prove(scene.Held, scene.Challenge, PlainHasher.Instance, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => SpotCheck.Verify(scene.Statement, scene.Receipt, scene.Challenge, scene.Proof, PlainHasher.Instance, cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Files_read_back([Values] Policy policy, [Values] Suite suite)
    {
        Scene scene = Scene.Make(policy, suite);
        Assert.Multiple(() =>
        {
            Assert.That(StatementFile.TryRead(scene.Statement.ToArray(), out StatementFile? statement, out string why), Is.True, why);
            Assert.That(statement!.ToArray(), Is.EqualTo(scene.Statement.ToArray()));
            Assert.That(ReceiptFile.TryRead(scene.Receipt.ToArray(), out ReceiptFile? receipt, out why), Is.True, why);
            Assert.That(receipt!.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
            Assert.That(Challenge.TryRead(scene.Challenge.ToArray(), out Challenge? challenge, out why), Is.True, why);
            Assert.That(challenge!.ToArray(), Is.EqualTo(scene.Challenge.ToArray()));
            Assert.That(Proof.TryRead(scene.Proof.ToArray(), out Proof? proof, out why), Is.True, why);
            Assert.That(proof!.ToArray(), Is.EqualTo(scene.Proof.ToArray()));
        });
    }

    [Test]
    public void Run_gives_the_same_receipt_without_a_kernel_and_with()
    {
        Scene reference = Scene.Make(samples: 3);
        using CpuBackend cpu = new(threads: 2);
        Committer committer = new(new MultiBufferHasher());
        CommittedRun run = committer.Run(reference.Statement, reference.Graph.Graph, reference.Inputs, cpu, issued: 1_700_000_000);
        Assert.That(run.Receipt.Receipt.Id, Is.EqualTo(reference.Receipt.Receipt.Id));
    }
}
