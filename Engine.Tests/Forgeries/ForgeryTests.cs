using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;

using NUnit.Framework;

using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Every forgery of this folder is answered as it says, without an exception and without much memory.</summary>
internal sealed class ForgeryTests
{
    // Parsed, a byte of a file becomes at most so many of objects; checking adds what a check's limits allow.
    private const long BytesPerByte = 32;
    private const long BytesPerCheck = 16 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly FileKind[] Kinds = [FileKind.Statement, FileKind.Receipt, FileKind.Challenge, FileKind.Proof, FileKind.FraudProof, FileKind.Stage];

    /// <summary>All forgeries.</summary>
    internal static ImmutableArray<IForgery> All { get; } =
    [
        .. typeof(IForgery).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IForgery)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => type.GetConstructor([typeof(FileKind)]) is ConstructorInfo constructor
                ? Kinds.Select(kind => (IForgery)constructor.Invoke([kind]))
                : [(IForgery)Activator.CreateInstance(type)!]),
    ];

    private static IEnumerable<TestCaseData> Cases => All.Select(forgery => new TestCaseData(forgery)
        .SetArgDisplayNames(forgery.GetType().Name, forgery.Code, forgery.Attack));

    [TestCaseSource(nameof(Cases))]
    public void Forgery_is_answered_as_it_says(object tried)
    {
        IForgery forgery = (IForgery)tried;
        int tries = 0;
        Assert.Multiple(() =>
        {
            foreach (Scene scene in Scenes.All)
            {
                if (forgery.Make(scene, new Adversarial(1)) is Forged forged)
                {
                    tries++;
                    Judge(forgery, forged);
                }
            }
        });
        Assert.That(tries, Is.Positive, "no run gives an occasion for it");
    }

    [Test]
    public void There_are_many() => Assert.That(All.Select(forgery => forgery.Attack).Distinct().Count(), Is.EqualTo(All.Length).And.AtLeast(150));

    [Test]
    public void What_forgeries_start_from_holds()
    {
        foreach (Scene scene in Scenes.All)
        {
            Assert.That(Forge.Files(scene).Judge(), Has.Property(nameof(Verdict.Kind)).EqualTo(VerdictKind.Valid));
            Assert.That(Staging.Files(scene).Judge(), Has.Property(nameof(Verdict.Kind)).EqualTo(VerdictKind.Valid));
            Assert.That(Whole.Accusation(scene).Judge(), Has.Property(nameof(Verdict.Reason)).EqualTo(Reason.WrongElement));
            Assert.That(Whole.Shape(scene, 0).Judge(), Has.Property(nameof(Verdict.Reason)).EqualTo(Reason.WrongShape));
            Assert.That(Whole.Binding(scene, 0).Judge(), Has.Property(nameof(Verdict.Reason)).EqualTo(Reason.WrongOutputBinding));
        }
    }

    private static void Judge(IForgery forgery, Forged forged)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Verdict verdict = forged.Judge();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That((verdict.Kind, verdict.Reason), Is.EqualTo((forgery.Kind, forgery.Reason)), verdict.Text);
        Assert.That(verdict.Text, Does.Contain(forgery.Says));
        Assert.That(allocated, Is.LessThan(BytesPerCheck + (BytesPerByte * forged.Length)), "memory");
        Assert.That(watch.Elapsed, Is.LessThan(Longest), "time");
    }
}
