using System.Diagnostics;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tests.Commitments;
using VerifiableCompute.Engine.Tests.Onnx;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Traces in files: what is written is read, unfinished ones leave nothing, damaged ones are refused.</summary>
internal sealed class TraceFileTests
{
    [Test]
    public void Proof_from_a_file_is_the_proof_from_memory([Values] Policy policy)
    {
        using Folder folder = new();
        Scene scene = Scene.Make(policy);
        using TraceFile opened = Open(Written(folder, scene));
        Assert.Multiple(() =>
        {
            Assert.That(opened.Statement.Statement.Id, Is.EqualTo(scene.Statement.Statement.Id));
            Assert.That(opened.Receipt!.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
            Assert.That(opened.Model, Is.EqualTo("model"));
            Assert.That(opened.Inputs[0].Bytes.ToArray(), Is.EqualTo(scene.Inputs[0].Bytes.ToArray()));
        });
        HeldTrace held = scene.Held with { Store = opened };
        Assert.That(Prover.Prove(held, scene.Challenge, PlainHasher.Instance).ToArray(), Is.EqualTo(scene.Proof.ToArray()));
    }

    /// <summary>Several times as much as is ever in memory.</summary>
    [Test]
    public void Background_file_has_what_was_written()
    {
        using Folder folder = new();
        string path = Path.Combine(folder.Root, "file");
        const int Parts = 12, Size = (3 << 20) + 77;
        byte[][] parts = [.. Enumerable.Range(1, Parts).Select(seed => Naive.Bytes(Size, seed))];
        byte[] head = Naive.Bytes(64, Parts + 1);
        using (BackgroundFile file = new(path, Size * Parts))
        {
            for (int i = Parts - 1; i >= 0; i--)
            {
                file.Write(64 + ((long)i * Size), parts[i]);
            }

            file.End(head);
        }

        byte[] written = File.ReadAllBytes(path);
        Assert.That(written, Has.Length.EqualTo(64 + (Parts * Size)));
        Assert.That(written.AsSpan(0, 64).SequenceEqual(head));
        for (int i = 0; i < Parts; i++)
        {
            Assert.That(written.AsSpan(64 + (i * Size), Size).SequenceEqual(parts[i]), $"part {i}");
        }
    }

    [Test]
    public void Run_that_does_not_end_leaves_no_file()
    {
        using Folder folder = new();
        Scene scene = Scene.Make();
        string path = Path.Combine(folder.Root, "trace");
        using (TraceFile trace = TraceFile.Create(path, scene.Statement, "model", scene.Inputs))
        {
            Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1), "another name while it lasts");
            Assert.That(File.Exists(path), Is.False);
        }

        Assert.That(Directory.GetFiles(folder.Root), Is.Empty);
    }

    [Test]
    public void A_stage_takes_no_space_for_values_of_others()
    {
        using Folder folder = new();
        Scene scene = Scene.Make();
        string path = Path.Combine(folder.Root, "trace");
        using TraceFile trace = TraceFile.Create(path, scene.Statement, "model", scene.Inputs, isStage: true);
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%b", $"{path}.partial"]) { RedirectStandardOutput = true })!;
        Assert.That(stat.StandardOutput.ReadToEnd().Trim(), Is.EqualTo("0"), "blocks on the disk");
    }

    [Test]
    public void Damaged_file_is_refused_or_proves_nothing_else()
    {
        using Folder folder = new();
        Scene scene = Scene.Make();
        string path = Written(folder, scene);
        byte[] bytes = File.ReadAllBytes(path);
        Adversarial random = new(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. bytes];
            int at = i < 32 ? i : random.Below(bytes.Length);
            damaged[at] ^= (byte)(1 << random.Below(8));
            damaged = i % 3 == 0 ? damaged[..at] : damaged;
            string other = Path.Combine(folder.Root, "damaged");
            File.WriteAllBytes(other, damaged);
            if (TraceFile.TryOpen(other, out TraceFile? opened, out string why))
            {
                using TraceFile trace = opened;
                Assert.That(Proven(scene, trace), Is.Null.Or.EqualTo(scene.Proof.ToArray()), $"byte {at}");
            }
            else
            {
                Assert.That(why, Is.Not.Empty);
            }
        }
    }

    [Test]
    public void Value_that_was_changed_is_not_opened([Values] Policy policy)
    {
        using Folder folder = new();
        Scene scene = Scene.Make(policy);
        string path = Written(folder, scene);
        byte[] bytes = File.ReadAllBytes(path);
        TensorOpening opening = scene.Proof.Openings.Tensors.First(tensor => tensor.Value.Kind == ValueKind.Node);
        bytes[bytes.AsSpan().IndexOf(scene.Store.Read(opening.Value.Index, opening.Value.Slot).Span)] ^= 1;
        File.WriteAllBytes(path, bytes);
        using TraceFile opened = Open(path);
        Assert.That(Proven(scene, opened), Is.Null);
    }

    [Test]
    public void Receipt_of_another_run_is_refused()
    {
        using Folder folder = new();
        Scene scene = Scene.Make();
        ReceiptFile receipt = scene.Receipt;
        Dictionary<string, ReceiptFile> others = new()
        {
            ["statement"] = Scene.Make(job: "another").Receipt,
            ["table"] = receipt with { TraceLeaves = receipt.TraceLeaves.SetItem(0, new byte[2]) },
            ["short table"] = Scene.Of(scene.Graph, scene.Inputs, scene.Statement.Statement).Receipt with { TraceLeaves = receipt.TraceLeaves[1..] },
        };
        Assert.Multiple(() =>
        {
            foreach ((string name, ReceiptFile other) in others)
            {
                string path = Path.Combine(folder.Root, "trace");
                using (TraceFile trace = TraceFile.Create(path, scene.Statement, "model", scene.Inputs))
                {
                    trace.Complete(other);
                }

                Assert.That(TraceFile.TryOpen(path, out _, out string why), Is.False, name);
                Assert.That(why, Does.Contain("receipt"), name);
            }
        });
    }

    [Test]
    public void Place_between_values_and_index_is_refused()
    {
        using Folder folder = new();
        string path = Written(folder, Scene.Make());
        byte[] bytes = File.ReadAllBytes(path);
        long start = BitConverter.ToInt64(bytes, 8);
        byte[] longer = [.. bytes[..(int)start], .. new byte[64], .. bytes[(int)start..]];
        BitConverter.GetBytes(start + 64).CopyTo(longer, 8);
        File.WriteAllBytes(path, longer);
        Assert.That(TraceFile.TryOpen(path, out _, out string why), Is.False);
        Assert.That(why, Does.Contain("values"));
    }

    [Test]
    public void Value_of_another_size_is_not_written()
    {
        using Folder folder = new();
        Scene scene = Scene.Make();
        using TraceFile trace = TraceFile.Create(Path.Combine(folder.Root, "trace"), scene.Statement, "model", scene.Inputs);
        Assert.That(() => trace.Write(0, 0, new byte[3]), Throws.InstanceOf<ArgumentException>());
    }

    private static string Written(Folder folder, Scene scene)
    {
        string path = Path.Combine(folder.Root, "trace");
        using TraceFile trace = TraceFile.Create(path, scene.Statement, "model", scene.Inputs);
        using ReferenceBackend backend = new();
        CommittedRun run = new Committer(PlainHasher.Instance).Run(
            scene.Statement, scene.Graph.Graph, scene.Inputs, backend, issued: 1_700_000_000, store: trace);
        trace.Complete(run.Receipt);
        return path;
    }

    // The proof; null where the trace is found to be damaged.
    private static byte[]? Proven(Scene scene, TraceFile trace)
    {
        try
        {
            return Prover.Prove(scene.Held with { Store = trace }, scene.Challenge, PlainHasher.Instance).ToArray();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static TraceFile Open(string path)
    {
        Assert.That(TraceFile.TryOpen(path, out TraceFile? opened, out string why), Is.True, why);
        return opened!;
    }
}
