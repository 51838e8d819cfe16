package httpx

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// Codes of HTTP itself, for what goes wrong before a handler is reached.
const (
	CodeBadMethod   protocol.Code = "method_not_allowed"
	CodeTooLarge    protocol.Code = "too_large"
	CodeCrossOrigin protocol.Code = "cross_origin"
	CodeInternal    protocol.Code = "internal"
)

// ProblemBase begins the type of every problem; the rest is its code, and the page at that address explains it.
const ProblemBase = "/problems/"

const problemType = "application/problem+json"

// Kind is a problem's HTTP status and its title.
type Kind struct {
	Status int
	Title  cloud.Text
}

// kinds is the one table from code to status and title.
var kinds = map[protocol.Code]Kind{
	cloud.CodeUnknownCabinet: {http.StatusNotFound, cloud.Text{Zh: "没有这台柜子", En: "There is no such cabinet"}},
	cloud.CodeUnknownVisit:   {http.StatusNotFound, cloud.Text{Zh: "没有这次开门", En: "There is no such visit"}},
	cloud.CodeNotFound:       {http.StatusNotFound, cloud.Text{Zh: "没有这个地址", En: "There is nothing at this address"}},
	cloud.CodeNoSession:      {http.StatusUnauthorized, cloud.Text{Zh: "请先登录", En: "Please sign in"}},
	cloud.CodeForbidden:      {http.StatusForbidden, cloud.Text{Zh: "您无权进行此操作", En: "You may not do this"}},
	cloud.CodeCabinetBusy:    {http.StatusConflict, cloud.Text{Zh: "有人正在使用这台柜子", En: "Someone else is using this cabinet"}},
	cloud.CodeCabinetAway:    {http.StatusServiceUnavailable, cloud.Text{Zh: "联系不上这台柜子", En: "This cabinet cannot be reached"}},
	cloud.CodeDoorNotShut:    {http.StatusConflict, cloud.Text{Zh: "柜门没有关好", En: "The door is not shut"}},
	cloud.CodeDebt:           {http.StatusPaymentRequired, cloud.Text{Zh: "有一笔欠款未付", En: "An earlier bill is not paid"}},
	cloud.CodePaymentRefused: {http.StatusPaymentRequired, cloud.Text{Zh: "付款被拒绝", En: "The payment was refused"}},
	cloud.CodePaymentUnknown: {http.StatusServiceUnavailable, cloud.Text{Zh: "付款结果正在确认", En: "The payment is being confirmed"}},
	cloud.CodeBadPhone:       {http.StatusBadRequest, cloud.Text{Zh: "手机号不正确", En: "This is not a phone number"}},
	cloud.CodeBadCode:        {http.StatusUnauthorized, cloud.Text{Zh: "验证码不正确或已过期", En: "The code is wrong or too old"}},
	cloud.CodeBadPassword:    {http.StatusUnauthorized, cloud.Text{Zh: "用户名或密码不正确", En: "The name or the password is wrong"}},
	cloud.CodeSecondStep:     {http.StatusUnauthorized, cloud.Text{Zh: "登录还差一步", En: "One more step signs you in"}},
	cloud.CodeBlocked:        {http.StatusForbidden, cloud.Text{Zh: "这个账号已停用", En: "This account is blocked"}},
	cloud.CodeLastOwner:      {http.StatusConflict, cloud.Text{Zh: "至少要留一位店主", En: "One owner must remain"}},
	cloud.CodeTooMany:        {http.StatusTooManyRequests, cloud.Text{Zh: "次数太多，请稍后再试", En: "Too many attempts, please wait a little"}},
	cloud.CodeConsentNeeded:  {http.StatusForbidden, cloud.Text{Zh: "请先同意隐私说明", En: "Please agree to the privacy notice first"}},
	cloud.CodeStillOpen:      {http.StatusConflict, cloud.Text{Zh: "还有没了结的事", En: "Something of yours is still open"}},
	cloud.CodeKeyReused:      {http.StatusUnprocessableEntity, cloud.Text{Zh: "重复的请求与之前不一致", En: "This key was used for another request"}},
	cloud.CodeConflict:       {http.StatusConflict, cloud.Text{Zh: "与现有数据冲突", En: "This conflicts with what is there"}},
	cloud.CodeBadData:        {http.StatusUnprocessableEntity, cloud.Text{Zh: "数据里有错", En: "There are faults in the data"}},
	cloud.CodeChanged:        {http.StatusConflict, cloud.Text{Zh: "刚刚有人改过", En: "Somebody changed this a moment ago"}},
	cloud.CodeAgeUnverified:  {http.StatusForbidden, cloud.Text{Zh: "还不能确认您的年龄", En: "Your age is not known here"}},
	cloud.CodeRoundState:     {http.StatusConflict, cloud.Text{Zh: "这一轮现在不能这样做", En: "The round is not where this can be done"}},
	cloud.CodeNotAStop:       {http.StatusConflict, cloud.Text{Zh: "这台柜子不在这一轮里", En: "This cabinet is not on the round"}},
	cloud.CodeWrongCabinet:   {http.StatusConflict, cloud.Text{Zh: "您面前是另一台柜子", En: "You are at another cabinet"}},
	cloud.CodeNoPicture:      {http.StatusUnprocessableEntity, cloud.Text{Zh: "这不是能打开的照片", En: "This photo cannot be opened"}},
	cloud.CodeDateOver:       {http.StatusConflict, cloud.Text{Zh: "已经过期，不能放进货道", En: "Its date is over: it is not put into a lane any more"}},
	cloud.CodePhotoNeeded:    {http.StatusConflict, cloud.Text{Zh: "扔掉的还没有拍照", En: "What is thrown away has no photo yet"}},
	cloud.CodeAnswerNeeded:   {http.StatusConflict, cloud.Text{Zh: "数目对不上，请先回答", En: "The numbers differ: please answer first"}},
	cloud.CodeDraftWaits:     {http.StatusConflict, cloud.Text{Zh: "这台柜子已有一份待换的货道表", En: "The cabinet has a draft that waits already"}},
	cloud.CodeDraftAtDoor:    {http.StatusConflict, cloud.Text{Zh: "补货员正在柜前换这份货道表", En: "A restocker is setting this draft up"}},
	cloud.CodeLaneNotEmpty:   {http.StatusConflict, cloud.Text{Zh: "要撤的货道里账上还有货", En: "By the books something still lies in a lane that goes"}},
	cloud.CodeOtherStores:    {http.StatusForbidden, cloud.Text{Zh: "这会改到不归您管的门店", En: "That is about stores that are not yours"}},
	cloud.CodeRolloutBarred:  {http.StatusConflict, cloud.Text{Zh: "有柜子不能改，一台都没有改", En: "A cabinet cannot be changed, so none was"}},
	cloud.CodeDayNotOver:     {http.StatusConflict, cloud.Text{Zh: "这一天还没过完", En: "The day is not over yet"}},
	cloud.CodeDayClosed:      {http.StatusConflict, cloud.Text{Zh: "这一天已经关账", En: "The day is closed"}},
	cloud.CodeDayBefore:      {http.StatusConflict, cloud.Text{Zh: "前面还有没关账的日子", En: "An earlier day is to be closed first"}},
	cloud.CodeFiguresMoved:   {http.StatusConflict, cloud.Text{Zh: "数字刚刚变了", En: "The figures have just changed"}},
	cloud.CodeNoteNeeded:     {http.StatusUnprocessableEntity, cloud.Text{Zh: "还有没了结的事，请写明原因", En: "Something is still open: a note is needed"}},
	cloud.CodeTooLate:        {http.StatusConflict, cloud.Text{Zh: "申诉期已过", En: "It is too late to object"}},
	cloud.CodeTakenBefore:    {http.StatusConflict, cloud.Text{Zh: "这一单支付那边已经收过钱", En: "The payment service has taken money for this already"}},
	cloud.CodeOverLimit:      {http.StatusForbidden, cloud.Text{Zh: "这要由店长决定", En: "A manager must decide this"}},
	cloud.CodeManagerRuled:   {http.StatusForbidden, cloud.Text{Zh: "店长已经定过了，要改请找店长", En: "A manager has decided on this: only a manager or an owner gives back more"}},
	cloud.CodeBadClaim:       {http.StatusForbidden, cloud.Text{Zh: "绑定码不对或已过期", En: "The claim code is wrong or too old"}},
	cloud.CodeClaimUsed:      {http.StatusConflict, cloud.Text{Zh: "绑定码已被另一台设备用过", En: "Another device has used this claim code"}},
	cloud.CodeCardRetired:    {http.StatusConflict, cloud.Text{Zh: "这张卡已被换下", En: "This card was taken out of use"}},
	cloud.CodeCardApart:      {http.StatusServiceUnavailable, cloud.Text{Zh: "这台柜子要等技术员看过", En: "A technician must look at this cabinet first"}},

	cloud.CodeUncertain:      {http.StatusConflict, cloud.Text{Zh: "称重结果不确定", En: "The scales were not sure"}},
	cloud.CodeUnknownArticle: {http.StatusConflict, cloud.Text{Zh: "不认识这种商品", En: "There is no such article"}},
	cloud.CodeNotForSale:     {http.StatusConflict, cloud.Text{Zh: "这件商品在这台柜子已停售", En: "This article is not sold in this cabinet now"}},
	cloud.CodeUnknownPrice:   {http.StatusConflict, cloud.Text{Zh: "没有这一版价格", En: "There is no such price list"}},
	cloud.CodeUnknownPlan:    {http.StatusConflict, cloud.Text{Zh: "没有这一版陈列方案", En: "There is no such plan of this cabinet"}},
	cloud.CodeCardReplaced:   {http.StatusConflict, cloud.Text{Zh: "柜子的卡换了，没留下这次的记录", En: "The card that knew of it was replaced"}},

	protocol.CodeMalformed:      {http.StatusBadRequest, cloud.Text{Zh: "请求无法识别", En: "The request cannot be read"}},
	protocol.CodeUnsupported:    {http.StatusBadRequest, cloud.Text{Zh: "不支持的请求", En: "This is not supported"}},
	protocol.CodeBusy:           {http.StatusConflict, cloud.Text{Zh: "有人正在使用这台柜子", En: "Someone else is using this door"}},
	protocol.CodeDoorOpen:       {http.StatusConflict, cloud.Text{Zh: "柜门没有关好", En: "The door is open"}},
	protocol.CodeNotSelling:     {http.StatusConflict, cloud.Text{Zh: "这台柜子暂停销售", En: "This cabinet is not selling now"}},
	protocol.CodeOffSale:        {http.StatusConflict, cloud.Text{Zh: "店里暂停了这台柜子", En: "The shop has taken this cabinet off sale"}},
	protocol.CodeLockedOut:      {http.StatusConflict, cloud.Text{Zh: "为了安全，这台柜子停用了", En: "This cabinet is out of use for safety"}},
	protocol.CodeScaleFault:     {http.StatusConflict, cloud.Text{Zh: "这台柜子的秤有故障", En: "A scale of this cabinet is faulty"}},
	protocol.CodeDiskFull:       {http.StatusConflict, cloud.Text{Zh: "这台柜子无法记录开门", En: "This cabinet has no room to record a visit"}},
	protocol.CodeTooWarm:        {http.StatusConflict, cloud.Text{Zh: "这扇门里的食品温度超限", En: "The food behind this door was too warm"}},
	protocol.CodeColdUnknown:    {http.StatusConflict, cloud.Text{Zh: "不知道这扇门里的食品够不够冷", En: "Whether the food behind this door was cold is unknown"}},
	protocol.CodeLockFailed:     {http.StatusBadGateway, cloud.Text{Zh: "门锁没有打开", En: "The lock did not open"}},
	protocol.CodeNotPulled:      {http.StatusConflict, cloud.Text{Zh: "没有拉开柜门", En: "The door was not pulled"}},
	protocol.CodePulseUnknown:   {http.StatusBadGateway, cloud.Text{Zh: "柜子断电，是否开锁未知", En: "The cabinet lost power before the lock was released"}},
	protocol.CodeExpired:        {http.StatusConflict, cloud.Text{Zh: "开门许可已过期", En: "The permission to open has expired"}},
	protocol.CodeNotYet:         {http.StatusConflict, cloud.Text{Zh: "开门许可尚未生效", En: "The permission to open is not valid yet"}},
	protocol.CodeUsed:           {http.StatusConflict, cloud.Text{Zh: "开门许可已使用", En: "The permission to open was used before"}},
	protocol.CodeStaleChallenge: {http.StatusConflict, cloud.Text{Zh: "柜子刚刚重新连接，请再试一次", En: "The cabinet has just reconnected, please try again"}},
	protocol.CodeTimeUnknown:    {http.StatusConflict, cloud.Text{Zh: "柜子的时间未知", En: "The cabinet does not know the time"}},
	protocol.CodeUnknownKey:     {http.StatusBadGateway, cloud.Text{Zh: "柜子不认识此许可", En: "The cabinet does not know the key of this permission"}},
	protocol.CodeBadSignature:   {http.StatusBadGateway, cloud.Text{Zh: "柜子拒绝了此许可", En: "The cabinet refused the signature of this permission"}},
	protocol.CodeOtherCabinet:   {http.StatusBadGateway, cloud.Text{Zh: "此许可属于另一台柜子", En: "This permission is for another cabinet"}},
	protocol.CodeResidentLimit:  {http.StatusConflict, cloud.Text{Zh: "断线时的开门次数已用完", En: "No more openings for this person while the line is down"}},
	protocol.CodeCabinetLimit:   {http.StatusConflict, cloud.Text{Zh: "这台柜子断线时的开门次数已用完", En: "No more openings of this cabinet while its line is down"}},
	protocol.CodeStale:          {http.StatusConflict, cloud.Text{Zh: "数据已过时", En: "This is older than what is already known"}},

	CodeBadMethod:   {http.StatusMethodNotAllowed, cloud.Text{Zh: "此地址不支持这种请求", En: "This address does not take such a request"}},
	CodeTooLarge:    {http.StatusRequestEntityTooLarge, cloud.Text{Zh: "请求太大", En: "The request is too large"}},
	CodeCrossOrigin: {http.StatusForbidden, cloud.Text{Zh: "拒绝来自其他网站的请求", En: "Requests from other sites are refused"}},
	CodeInternal:    {http.StatusInternalServerError, cloud.Text{Zh: "服务出错，请稍后再试", En: "Something went wrong here, please try again"}},
}

// KindOf finds a code's status and title; what is not in the table is an internal error.
func KindOf(code protocol.Code) (Kind, bool) {
	k, ok := kinds[code]
	return k, ok
}

// Problem is the body of every error (RFC 9457).
type Problem struct {
	Type     string        `json:"type"`
	Title    string        `json:"title"`
	Status   int           `json:"status"`
	Detail   string        `json:"detail,omitempty"`
	Instance string        `json:"instance,omitempty"` // the request id, to be quoted to support
	Code     protocol.Code `json:"code"`

	Faults     []FaultPart `json:"faults,omitempty"`      // of master data, each with its place
	MoreFaults int         `json:"more_faults,omitempty"` // that are only counted
}

// FaultPart is one thing that is wrong with master data.
type FaultPart struct {
	Line   int    `json:"line,omitempty"`   // of a CSV
	Column string `json:"column,omitempty"` // of a CSV
	Path   string `json:"path,omitempty"`   // of JSON
	Found  string `json:"found,omitempty"`
	Why    string `json:"why"`
}

// ProblemOf describes an error in the reader's language. The message of an error is for engineers: it is shown only where
// the request itself was at fault, and never for an internal error.
func ProblemOf(err error, lang Lang) Problem {
	code := codeOf(err)
	kind, known := kinds[code]
	if !known {
		code, kind = CodeInternal, kinds[CodeInternal]
	}
	p := Problem{Type: ProblemBase + string(code), Title: lang.Pick(kind.Title), Status: kind.Status, Code: code}
	if e, ok := errors.AsType[*protocol.Error](err); ok && (code == protocol.CodeMalformed || code == protocol.CodeUnsupported) {
		p.Detail = e.Msg
	}
	if halted, ok := errors.AsType[*cloud.Halted](err); ok {
		p.Detail = lang.Pick(halted.Text)
	}
	if bad, ok := errors.AsType[*cloud.BadData](err); ok {
		p.MoreFaults = bad.More
		for _, f := range bad.Faults {
			p.Faults = append(p.Faults, FaultPart{Line: f.Line, Column: f.Column, Path: f.Path, Found: f.Found, Why: lang.Pick(f.Why)})
		}
	}
	return p
}

func codeOf(err error) protocol.Code {
	if code := protocol.CodeOf(err); code != "" {
		return code
	}
	he, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return CodeInternal
	}
	switch he.Code {
	case http.StatusNotFound:
		return cloud.CodeNotFound
	case http.StatusMethodNotAllowed:
		return CodeBadMethod
	case http.StatusRequestEntityTooLarge:
		return CodeTooLarge
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return protocol.CodeMalformed
	}
	return CodeInternal
}

// WriteProblem answers with problem details.
func WriteProblem(c echo.Context, p Problem) error {
	p.Instance = RequestID(c)
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	if p.Code == cloud.CodeTooMany {
		h.Set(echo.HeaderRetryAfter, "60")
	}
	return c.Blob(p.Status, problemType, raw)
}
