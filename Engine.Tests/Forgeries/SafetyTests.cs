using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>An honest receipt is never convicted, whatever is opened of it, and by whomever.</summary>
internal sealed class SafetyTests
{
    private const int Receipts = 200;
    private const int Groups = 4;
    private const int Accusations = 8;

    private static readonly Reason[] Kinds = [Reason.WrongElement, Reason.WrongShape, Reason.NonCanonicalValue, Reason.WrongOutputBinding];

    [Test]
    public void Safety_no_forgery_convicts_an_honest_receipt([Range(0, Groups - 1)] int group)
    {
        int tries = 0;
        for (int seed = group; seed < Receipts; seed += Groups)
        {
            Scene scene = Scenes.Random(seed);
            Adversarial random = new((ulong)seed);
            foreach (IForgery forgery in ForgeryTests.All)
            {
                tries += Spared(scene, forgery.Make(scene, random), $"{forgery.GetType().Name}, seed {seed}");
            }

            foreach (Reason kind in Kinds)
            {
                for (int i = 0; i < Accusations; i++)
                {
                    int node = random.Below(scene.Records().Length);
                    int slot = random.Below(scene.Records()[node].Outputs.Length);
                    long elements = scene.Records()[node].Outputs[slot].Type.Elements;
                    ElementRef element = new(node, slot, random.Below((int)elements + 1));
                    tries += Spared(scene, Forge.Accused(scene, kind, element), $"{kind} at {element}, seed {seed}");
                }
            }
        }

        Assert.That(tries, Is.GreaterThan(Receipts / Groups * 150));
    }

    [Test]
    public void Openings_that_no_file_can_hold_are_dismissed()
    {
        // What is made in memory need not have come through a reader.
        Scene scene = Scenes.All[0];
        FraudProof accusation = Forge.Accuse(scene, Reason.WrongElement, Forge.Element(scene, new Adversarial(1))!.Value);
        Openings openings = accusation.Openings;
        Openings[] twice =
        [
            openings with { Lists = [.. openings.Lists, .. openings.Lists] },
            openings with { Tensors = [.. openings.Tensors, .. openings.Tensors] },
        ];
        Assert.Multiple(() =>
        {
            foreach (Openings opened in twice)
            {
                Verdict verdict = (accusation with { Openings = opened }).Verify(PlainHasher.Instance);
                Assert.That(verdict.Reason, Is.EqualTo(Reason.AccusationDismissed));
                Assert.That(verdict.Text, Does.Contain("opened twice"));
            }

            Verdict none = (accusation with { Accusation = Reason.Surplus }).Verify(PlainHasher.Instance);
            Assert.That(none.Reason, Is.EqualTo(Reason.AccusationDismissed));
        });
    }

    private static int Spared(Scene scene, Forged? forged, string what)
    {
        if (forged is null)
        {
            return 0;
        }

        Verdict verdict = forged.Judge();
        bool isConvicted = verdict.Kind == VerdictKind.Invalid && verdict.ReceiptId == scene.Receipt.Receipt.Id;
        Assert.That(isConvicted, Is.False, $"{what}: {verdict.Reason}, {verdict.Text}");
        return 1;
    }
}
