using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Files in which any byte is another say nothing: neither Valid nor Invalid, and nothing is thrown.</summary>
internal sealed class ByteEditTests
{
    private const int Edits = 1500;

    private static readonly FileKind[] Kinds = [FileKind.Statement, FileKind.Receipt, FileKind.Challenge, FileKind.Proof];
    private static readonly Reason[] Accusations = [Reason.WrongElement, Reason.WrongShape, Reason.WrongOutputBinding, Reason.NonCanonicalValue];

    [Test]
    public void Every_byte_of_a_spot_check_counts([Values] Suite suite, [ValueSource(nameof(Kinds))] FileKind kind)
    {
        SpotFiles files = Forge.Files(Small(suite));
        Assert.That(files.Judge().Kind, Is.EqualTo(VerdictKind.Valid));
        int length = 0;
        files.Edit(kind, bytes =>
        {
            length = bytes.Length;
            return bytes;
        });
        for (int i = 0; i < length; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x80])
            {
                int at = i;
                Verdict verdict = files.Edit(kind, bytes => Xored(bytes, at, change)).Judge();
                Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Unverifiable), $"byte {i} xor {change}: {verdict.Text}");
            }
        }
    }

    [Test]
    public void Every_byte_of_an_accusation_counts([Values] Suite suite, [ValueSource(nameof(Accusations))] Reason accusation)
    {
        FraudFile file = Accusation(Small(suite), accusation);
        Assert.That(file.Judge().Reason, Is.EqualTo(accusation));
        for (int i = 0; i < file.Bytes.Length; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x80])
            {
                Verdict verdict = new FraudFile(Xored(file.Bytes, i, change)).Judge();
                Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Unverifiable), $"byte {i} xor {change}: {verdict.Text}");
            }
        }
    }

    /// <summary>Whose a stage is and when it was issued are its own affair; everything else is bound.</summary>
    [Test]
    public void Every_byte_of_a_stage_counts([Values] Suite suite)
    {
        const int prover = 7 + Digest.Bytes;
        const int issued = prover + 33 + 8 + (2 * Digest.Bytes);
        StageFiles files = Staging.Files(Small(suite));
        Assert.That(files.Judge().Kind, Is.EqualTo(VerdictKind.Valid));
        for (int i = 0; i < files.Stages[^1].Length; i++)
        {
            foreach (byte change in (byte[])[0x01, 0x80])
            {
                int at = i;
                bool isOwn = at is (> prover and < prover + 33) or (>= issued and < issued + 8);
                Verdict verdict = files.Edit(FileKind.Stage, bytes => Xored(bytes, at, change)).Judge();
                Assert.That(verdict.Kind, Is.EqualTo(isOwn ? VerdictKind.Valid : VerdictKind.Unverifiable), $"byte {i} xor {change}: {verdict.Text}");
            }
        }
    }

    [Test]
    public void Random_edits_of_a_spot_check_say_nothing([ValueSource(nameof(Kinds))] FileKind kind)
    {
        SpotFiles files = Forge.Files(Scenes.All[0]);
        SpotFiles other = Forge.Files(Another.Job(Scenes.All[0]));
        Adversarial random = new((ulong)kind);
        for (int i = 0; i < Edits; i++)
        {
            bool isSame = false;
            byte[] donor = [];
            other.Edit(kind, bytes => donor = bytes);
            SpotFiles edited = files.Edit(kind, bytes =>
            {
                byte[] changed = Edited(bytes, donor, random);
                isSame = changed.AsSpan().SequenceEqual(bytes);
                return changed;
            });
            Verdict verdict = edited.Judge();
            Assert.That(isSame || verdict.Kind == VerdictKind.Unverifiable, Is.True, $"edit {i}: {verdict.Text}");
        }
    }

    [Test]
    public void Random_edits_of_an_accusation_convict_nobody([ValueSource(nameof(Accusations))] Reason accusation)
    {
        byte[] bytes = Accusation(Scenes.All[1], accusation).Bytes;
        byte[] donor = Forge.Accused(Scenes.All[1], Reason.WrongElement, Forge.Element(Scenes.All[1], new Adversarial(1))!.Value).Bytes;
        Adversarial random = new((ulong)accusation);
        for (int i = 0; i < Edits; i++)
        {
            byte[] changed = Edited(bytes, donor, random);
            Verdict verdict = new FraudFile(changed).Judge();
            Assert.That(changed.AsSpan().SequenceEqual(bytes) || verdict.Kind == VerdictKind.Unverifiable, Is.True, $"edit {i}: {verdict.Text}");
        }
    }

    [Test]
    public void File_of_another_run_in_its_place_says_nothing()
    {
        Scene scene = Scene.Make(samples: 12);
        Dictionary<string, Scene> others = new()
        {
            ["job"] = Scene.Make(samples: 12, job: "another"),
            ["model and inputs"] = Scene.Make(samples: 12, seed: 2),
            ["suite"] = Scene.Make(suite: Suite.Blake3, samples: 12),
            ["policy"] = Scene.Make(Policy.Atomic, samples: 12),
            ["samples"] = Scene.Make(samples: 13),
            ["inputs"] = Another.Inputs(scene, new Adversarial(1)),
        };
        SpotFiles files = Forge.Files(scene);
        Assert.Multiple(() =>
        {
            foreach ((string name, Scene other) in others)
            {
                Assert.That(other.Verify().Kind, Is.EqualTo(VerdictKind.Valid), name);
                SpotFiles donor = Forge.Files(other);
                for (int kinds = 1; kinds < 15; kinds++)
                {
                    SpotFiles mixed = new(
                        (kinds & 1) == 0 ? files.Statement : donor.Statement,
                        (kinds & 2) == 0 ? files.Receipt : donor.Receipt,
                        (kinds & 4) == 0 ? files.Challenge : donor.Challenge,
                        (kinds & 8) == 0 ? files.Proof : donor.Proof);
                    Assert.That(mixed.Judge().Kind, Is.EqualTo(VerdictKind.Unverifiable), $"{name}: files {kinds} of the other run");
                }
            }
        });
    }

    private static Scene Small(Suite suite) => Scene.Of(
        RandomGraphs.Make(5, nodes: 6).Graph, RandomGraphs.Make(5, nodes: 6).Inputs, Policy.Compact, suite, samples: 3);

    private static FraudFile Accusation(Scene scene, Reason accusation)
    {
        ElementRef[] reals = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.Committed && output.Type.DType == DType.F32
            && output.Type.Elements > 0)];
        return accusation switch
        {
            Reason.WrongElement => Whole.Accusation(scene),
            Reason.WrongShape => Whole.Shape(scene, 0),
            Reason.WrongOutputBinding => Whole.Binding(scene, 0),
            _ => Forge.Accused(Forge.Retold(scene, reals[0], [1, 0, 0xC0, 0x7F]), accusation, reals[0]),
        };
    }

    private static byte[] Xored(byte[] bytes, int at, byte change)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= change;
        return changed;
    }

    // Inserts, deletes, overwrites or splices, a few times.
    private static byte[] Edited(byte[] bytes, byte[] donor, Adversarial random)
    {
        for (int times = 1 + random.Below(3); times > 0; times--)
        {
            int at = random.Below(bytes.Length);
            int count = 1 + random.Below(Math.Min(random.Of(1, 4, 32, 400), bytes.Length - at));
            byte[] drawn = [.. Enumerable.Range(0, count).Select(_ => (byte)random.Below(256))];
            int from = random.Below(Math.Max(donor.Length - count, 1));
            bytes = random.Below(5) switch
            {
                0 => [.. bytes[..at], .. drawn, .. bytes[at..]],
                1 when count < bytes.Length => [.. bytes[..at], .. bytes[(at + count)..]],
                2 => [.. bytes[..at], .. drawn, .. bytes[(at + count)..]],
                3 => [.. bytes[..at], .. donor.Skip(at).Take(count), .. bytes[Math.Min(at + count, bytes.Length)..]],
                _ => [.. bytes[..at], .. donor.Skip(from).Take(count), .. bytes[(at + count)..]],
            };
        }

        return bytes;
    }
}
