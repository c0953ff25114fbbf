using FsCheck.Fluent;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests;

internal sealed class LawTests
{
    [Test]
    public void A_law_that_fails_says_where_and_can_be_drawn_again()
    {
        string Message() => Assert.Catch(() => Law.Holds(
            Gen.ArrayOf(Gen.Choose(0, 1000)), list => list.Length < 3, simpler: Law.Shorter))!.Message;
        string first = Message();
        TestContext.Out.WriteLine(first);
        Assert.That(first, Does.Contain("Falsifiable").And.Contain("eplay"));
        Assert.That(Message(), Is.EqualTo(first));
    }
}
